import type { LossStats } from './Stats.ts';

/** How many of the latest pings are remembered: the window of the loss figures. */
const WINDOW = 128;

/** How far back the `seen` bits of a pong reach. */
const SEEN_BITS = 32;

/** What an arriving ping turned out to be. */
export type Arrival = 'next' | 'reordered' | 'duplicate';

/**
 * What a client knows of the pings that came and of the pongs that it sent: which arrived, when each was
 * answered, and how many answers the server says it got. A ring of the last {@link WINDOW} pings.
 */
export class ArrivalLog {
  /** The full sequence number that each slot holds; -1: none. */
  readonly #seqs = new Float64Array(WINDOW).fill(-1);
  readonly #answeredAt = new Float64Array(WINDOW).fill(Number.NaN);
  /** Pongs sent before the ping in a slot came, and pongs the server had received when it sent that ping. */
  readonly #pongsSent = new Float64Array(WINDOW);
  readonly #pongsReceived = new Float64Array(WINDOW);
  #first = -1;
  #highest = -1;
  #received = 0;
  #late = 0;
  #sent = 0;
  #confirmed = 0;

  /** The highest sequence number that arrived, counted without wrapping. -1: none yet. */
  get highest(): number {
    return this.#highest;
  }

  /** Pings that arrived. */
  get received(): number {
    return this.#received;
  }

  /** Pings that arrived after a later one. */
  get late(): number {
    return this.#late;
  }

  /** Pongs sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Pings that did not arrive though a later one did. */
  get lost(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#first + 1 - this.#received;
  }

  /** Enters an arriving ping. `pongs` is its count of received pongs, modulo 128. */
  arrived(seq: number, pongs: number): Arrival {
    const slot = seq % WINDOW;

    if (this.#seqs[slot] === seq || seq <= this.#highest - WINDOW) {
      return 'duplicate';
    }

    this.#seqs[slot] = seq;
    this.#answeredAt[slot] = Number.NaN;
    this.#received++;

    if (seq < this.#highest) {
      this.#first = Math.min(this.#first, seq);
      this.#late++;
      this.#pongsSent[slot] = Number.NaN;
      return 'reordered';
    }

    if (this.#first < 0) {
      this.#first = seq;
      this.#confirmed = pongs;
      this.#sent = pongs;
    }

    this.#confirmed += (pongs - (this.#confirmed % 128) + 128) % 128;
    this.#highest = seq;
    this.#pongsSent[slot] = this.#sent;
    this.#pongsReceived[slot] = this.#confirmed;

    return 'next';
  }

  /** Enters the pong to a ping. */
  answered(seq: number, now: number): void {
    this.#answeredAt[seq % WINDOW] = now;
    this.#sent++;
  }

  /** When the ping was answered, asked once: a second time it is `undefined`, as for what is unknown. */
  takeAnsweredAt(seq: number): number | undefined {
    const slot = seq % WINDOW;
    const at = this.#answeredAt[slot] ?? Number.NaN;

    if (seq < 0 || this.#seqs[slot] !== seq || Number.isNaN(at)) {
      return undefined;
    }

    this.#answeredAt[slot] = Number.NaN;

    return at;
  }

  /** The `seen` bits of the pong to `seq`: which of the 32 pings before it arrived. */
  seenBefore(seq: number): number {
    let bits = 0;

    for (let back = 1; back <= SEEN_BITS && back <= seq; back++) {
      if (this.#seqs[(seq - back) % WINDOW] === seq - back) {
        bits |= 1 << (back - 1);
      }
    }

    return bits >>> 0;
  }

  /** Loss over the window: downlink by the gaps between arrivals, uplink by the server's count of pongs. */
  loss(): LossStats {
    const from = Math.max(this.#first, this.#highest - WINDOW + 1);
    const expected = this.#highest < 0 ? 0 : this.#highest - from + 1;
    const latest = this.#highest % WINDOW;
    let arrived = 0;
    let oldest = latest;

    for (let seq = this.#highest; seq >= from && expected > 0; seq--) {
      const slot = seq % WINDOW;

      if (this.#seqs[slot] === seq) {
        arrived++;
        oldest = Number.isNaN(this.#pongsSent[slot]) ? oldest : slot;
      }
    }

    const downlink = expected > 0 ? 1 - arrived / expected : undefined;
    const uplink = lossBetween(this.#pongsSent, this.#pongsReceived, oldest, latest);

    return {
      downlink,
      uplink,
      round: downlink === undefined || uplink === undefined ? undefined : 1 - (1 - downlink) * (1 - uplink),
      window: expected,
    };
  }
}

function lossBetween(
  sent: Float64Array,
  received: Float64Array,
  from: number,
  to: number,
): number | undefined {
  const sentBetween = (sent[to] ?? 0) - (sent[from] ?? 0);
  const receivedBetween = (received[to] ?? 0) - (received[from] ?? 0);

  return sentBetween > 0 ? Math.min(1, Math.max(0, 1 - receivedBetween / sentBetween)) : undefined;
}
