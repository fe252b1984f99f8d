import type { Recovered, Recovering } from '../Recovery.ts';

/** No two events closer than this, in ms: a client may change its path as often as it likes. */
const APART = 1000;

/** The return of a silent client on another path: what is told of it. */
export class Return {
  /** When the client was heard last before it was silent, and when it first came on another path, by the caller's clock. */
  #seenAt = 0;
  #restoredAt = 0;
  /** When it came on another path last: a pong to a ping that left before is no proof of that one. */
  #movedAt = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #moves = 0;

  /** The silent client has come on another path. */
  moved(seenAt: number | undefined, time: number, reading: number): Recovering | undefined {
    if (this.#moves++ === 0) {
      this.#seenAt = seenAt ?? reading;
      this.#restoredAt = reading;
    }

    this.#movedAt = time;

    if (reading - this.#toldAt < APART) {
      return undefined;
    }

    this.#toldAt = reading;

    return { cause: 'new-path', attempt: this.#moves, at: reading, silentFor: reading - this.#seenAt };
  }

  /** A pong has come to a ping that left at `sentAt`. */
  proven(sentAt: number, reading: number): Recovered | undefined {
    const attempts = this.#moves;

    if (attempts === 0 || sentAt < this.#movedAt) {
      return undefined;
    }

    const outage = reading - this.#seenAt;

    this.#moves = 0;

    return { attempts, outage, restoredIn: this.#restoredAt - this.#seenAt, provenIn: outage, at: reading };
  }
}
