/** How many of the latest pings are remembered. An answer to an older one is ignored. [HB-PONG-2] */
export const PINGS_REMEMBERED = 128;

/** What became of a ping. */
export const Fate = {
  /** On its way. */
  Pending: 0,
  Answered: 1,
  /** Given up. */
  Lost: 2,
  /** Given up, and part of the loss. */
  Counted: 3,
} as const;

export type Fate = (typeof Fate)[keyof typeof Fate];

/** What the client's later pongs say of an unanswered ping. */
export const Arrival = {
  Unknown: 0,
  /** It never arrived: lost on the downlink, as far as anybody knows. */
  No: 1,
  /** It arrived, so its pong was lost: on the uplink. */
  Yes: 2,
} as const;

export type Arrival = (typeof Arrival)[keyof typeof Arrival];

/** The numbers of a ping, one after the other. The last one has a fate, an arrival and whether the ping is picked, in bits. */
const Column = { Seq: 0, Token: 1, SentAt: 2, SentReading: 3, Notes: 4 } as const;
const COLUMNS = Object.keys(Column).length;

const FATE_BITS = 0b11;
const ARRIVAL_BITS = 0b1100;
const ARRIVAL_SHIFT = 2;
const PICKED_BIT = 0b1_0000;

/** The pings that there is room for at first: a healthy client has three or four at a ping a second. */
const FEWEST = 8;

/**
 * The pings that have no answer yet, or do not count for anything yet, oldest first. A ping of the latest {@link PINGS_REMEMBERED} that
 * is not here was answered, and needs no memory. So a healthy client takes a sixteenth of a silent one, and most clients are healthy.
 */
export class UnsettledPings {
  /** A plain array of numbers: V8 keeps them as a typed array does, but without its 200 bytes of headers. */
  #numbers = memoryFor(FEWEST);
  /** Where the numbers of the newest ping end. */
  #end = 0;

  /** How many pings there is room for. */
  get room(): number {
    return this.#numbers.length / COLUMNS;
  }

  /**
   * Adds the next ping.
   *
   * @param keptFrom - From this one on pings are kept even if they are answered.
   */
  add(
    seq: number,
    token: number,
    sentAt: number,
    sentReading: number,
    isPicked: boolean,
    keptFrom: number,
  ): void {
    if (this.#end === this.#numbers.length) {
      this.#makeRoom(seq - PINGS_REMEMBERED, keptFrom);
    }

    const place = this.#end;

    this.#end += COLUMNS;
    this.#numbers[place + Column.Seq] = seq;
    this.#numbers[place + Column.Token] = token;
    this.#numbers[place + Column.SentAt] = sentAt;
    this.#numbers[place + Column.SentReading] = sentReading;
    this.#numbers[place + Column.Notes] = isPicked ? PICKED_BIT : 0;
  }

  /** Where the numbers of a ping are, valid until the next one is added. Below 0: it is not here. */
  find(seq: number): number {
    const newest = this.#end - COLUMNS;
    // All that left after it are here as well, unless one of them is settled: hardly ever.
    const place = newest - (this.#seqAt(newest) - seq) * COLUMNS;

    return place >= 0 && this.#seqAt(place) === seq ? place : this.#search(seq, Math.max(0, place));
  }

  tokenAt(place: number): number {
    return this.#numbers[place + Column.Token] as number;
  }

  sentAt(place: number): number {
    return this.#numbers[place + Column.SentAt] as number;
  }

  /** The same by the caller's clock. */
  sentReadingAt(place: number): number {
    return this.#numbers[place + Column.SentReading] as number;
  }

  fateAt(place: number): Fate {
    return (this.#notesAt(place) & FATE_BITS) as Fate;
  }

  setFate(place: number, fate: Fate): void {
    this.#numbers[place + Column.Notes] = (this.#notesAt(place) & ~FATE_BITS) | fate;
  }

  arrivalAt(place: number): Arrival {
    return ((this.#notesAt(place) & ARRIVAL_BITS) >> ARRIVAL_SHIFT) as Arrival;
  }

  setArrival(place: number, arrival: Arrival): void {
    this.#numbers[place + Column.Notes] = (this.#notesAt(place) & ~ARRIVAL_BITS) | (arrival << ARRIVAL_SHIFT);
  }

  /** Whether the ping is the one of its interval. */
  isPickedAt(place: number): boolean {
    return (this.#notesAt(place) & PICKED_BIT) !== 0;
  }

  #seqAt(place: number): number {
    return this.#numbers[place + Column.Seq] as number;
  }

  #notesAt(place: number): number {
    return this.#numbers[place + Column.Notes] as number;
  }

  /** It is not before that place: of those that left after it some are settled, and gone. */
  #search(seq: number, from: number): number {
    let place = from;

    while (place < this.#end && this.#seqAt(place) < seq) {
      place += COLUMNS;
    }

    return place < this.#end && this.#seqAt(place) === seq ? place : -1;
  }

  /** Drops what is settled, and what is as old as `forgotten`. Then doubles the room if it is nearly full, or halves it if it is nearly empty. */
  #makeRoom(forgotten: number, keptFrom: number): void {
    const { room } = this;
    let end = 0;

    for (let place = 0; place < this.#end; place += COLUMNS) {
      const seq = this.#seqAt(place);

      if (seq > forgotten && (seq >= keptFrom || this.fateAt(place) !== Fate.Answered)) {
        copy(this.#numbers, place, this.#numbers, end, COLUMNS);
        end += COLUMNS;
      }
    }

    const kept = end / COLUMNS;

    this.#end = end;

    if (kept > (room * 3) / 4 && room < PINGS_REMEMBERED) {
      this.#resize(room * 2);
    } else if (kept <= room / 4 && room > FEWEST) {
      this.#resize(room / 2);
    }
  }

  #resize(room: number): void {
    const numbers = memoryFor(room);

    copy(this.#numbers, 0, numbers, 0, this.#end);
    this.#numbers = numbers;
  }
}

function memoryFor(pings: number): number[] {
  // Not 0: V8 would take it for an array of small integers, and move it as soon as it gets a time.
  return new Array<number>(pings * COLUMNS).fill(Number.NaN);
}

function copy(from: readonly number[], start: number, to: number[], target: number, count: number): void {
  for (let i = 0; i < count; i++) {
    to[target + i] = from[start + i] as number;
  }
}
