import type { LossStats } from './Stats.ts';

/** How many of the latest pings are remembered: the window of the loss figures. A power of two. */
export const LOSS_WINDOW = 128;

/** How far back the `seen` bits of a pong reach. */
const SEEN_BITS = 32;

/** What became of a ping. */
const Fate = {
  Unused: 0,
  /** On its way. */
  Pending: 1,
  Answered: 2,
  /** Given up. */
  Lost: 3,
} as const;

/** What the client's later pongs say of an unanswered ping. */
const Arrival = {
  Unknown: 0,
  /** It never arrived: lost on the downlink, as far as anybody knows. */
  No: 1,
  /** It arrived, so its pong was lost: on the uplink. */
  Yes: 2,
} as const;

/** What a pong turned out to be. */
export type Settlement =
  | { kind: 'answered' | 'late'; seq: number; sentAt: number }
  | { kind: 'duplicate' }
  | { kind: 'expired' }
  | { kind: 'forged' };

/**
 * The pings of one heartbeat: which token each carries, when it left, and what became of it. A ring of the
 * last {@link LOSS_WINDOW}; older pings are forgotten, and answers to them are expired.
 */
export class PingLedger {
  readonly #tokens = new Uint32Array(LOSS_WINDOW);
  readonly #sentAt = new Float64Array(LOSS_WINDOW);
  readonly #fates = new Uint8Array(LOSS_WINDOW);
  readonly #arrivals = new Uint8Array(LOSS_WINDOW);
  #next = 0;
  #oldestPending = 0;
  #received = 0;
  #late = 0;
  #lost = 0;

  /** The sequence number of the next ping, counted without wrapping. Equals the number of pings sent. */
  get next(): number {
    return this.#next;
  }

  /** How many pings were answered, late ones included. */
  get received(): number {
    return this.#received;
  }

  /** How many were answered after they had been given up. */
  get late(): number {
    return this.#late;
  }

  /** How many are given up for good, so far. */
  get lost(): number {
    return this.#lost;
  }

  /** When the oldest ping that is still on its way left. `Infinity`: none is. */
  get oldestPendingAt(): number {
    return this.#oldestPending < this.#next ? this.#at(this.#oldestPending) : Number.POSITIVE_INFINITY;
  }

  /** Enters a ping that leaves now and returns its sequence number. */
  sent(token: number, now: number): number {
    const seq = this.#next++;
    const slot = seq % LOSS_WINDOW;

    // A ping that falls out of the window unanswered is lost, whatever the time.
    if (this.#fates[slot] === Fate.Pending) {
      this.#lost++;
    }

    this.#tokens[slot] = token;
    this.#sentAt[slot] = now;
    this.#fates[slot] = Fate.Pending;
    this.#arrivals[slot] = Arrival.Unknown;
    this.#oldestPending = Math.max(this.#oldestPending, this.#next - LOSS_WINDOW);
    this.#skipSettled();

    return seq;
  }

  /** Settles the ping that a pong answers; a negative `seq` is none that was sent. `seen` are the pong's bits about the 32 pings before it. */
  answered(seq: number, token: number, seen: number): Settlement {
    const slot = seq % LOSS_WINDOW;

    if (seq >= 0 && seq < this.#next - LOSS_WINDOW) {
      return { kind: 'expired' };
    } else if (seq < 0 || seq >= this.#next || this.#tokens[slot] !== token) {
      return { kind: 'forged' };
    }

    const fate = this.#fates[slot];

    if (fate === Fate.Answered) {
      return { kind: 'duplicate' };
    }

    const late = fate !== Fate.Pending;

    this.#fates[slot] = Fate.Answered;
    this.#received++;

    if (late) {
      this.#late++;
      this.#lost--;
    }

    this.#attribute(seq, seen);
    this.#skipSettled();

    return { kind: late ? 'late' : 'answered', seq, sentAt: this.#at(seq) };
  }

  /** Gives up the pings that left at or before `deadline`. */
  giveUp(deadline: number): void {
    while (this.oldestPendingAt <= deadline) {
      this.#fates[this.#oldestPending % LOSS_WINDOW] = Fate.Lost;
      this.#lost++;
      this.#skipSettled();
    }
  }

  /**
   * Loss over those pings of the window that left at or before `dueBy`: their answers should have come by now.
   * Younger ones do not count even where they are answered, as which of them are lost is not known yet: answers
   * come sooner than losses. A direction counts only pings of which it is known.
   */
  loss(dueBy: number): LossStats {
    let answered = 0;
    let lost = 0;
    let down = 0;
    let up = 0;

    for (const [slot, fate] of this.#fates.entries()) {
      const arrival = this.#arrivals[slot];

      if (fate === Fate.Unused || this.#at(slot) > dueBy) {
      } else if (fate === Fate.Answered) {
        answered++;
      } else {
        lost++;
        down += arrival === Arrival.No ? 1 : 0;
        up += arrival === Arrival.Yes ? 1 : 0;
      }
    }

    return {
      downlink: fraction(down, answered + down + up),
      uplink: fraction(up, answered + up),
      round: fraction(lost, answered + lost),
      window: answered + lost,
    };
  }

  #at(seq: number): number {
    return this.#sentAt[seq % LOSS_WINDOW] ?? 0;
  }

  /** Notes which of the pings before `seq` arrived: that of the lost ones is the direction of their loss. */
  #attribute(seq: number, seen: number): void {
    for (let earlier = Math.max(0, seq - SEEN_BITS, this.#next - LOSS_WINDOW); earlier < seq; earlier++) {
      const arrived = ((seen >>> (seq - 1 - earlier)) & 1) === 1;
      const slot = earlier % LOSS_WINDOW;

      // A pong may be older than one that came before it: once seen is seen.
      if (this.#arrivals[slot] !== Arrival.Yes) {
        this.#arrivals[slot] = arrived ? Arrival.Yes : Arrival.No;
      }
    }
  }

  #skipSettled(): void {
    while (
      this.#oldestPending < this.#next &&
      this.#fates[this.#oldestPending % LOSS_WINDOW] !== Fate.Pending
    ) {
      this.#oldestPending++;
    }
  }
}

function fraction(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
