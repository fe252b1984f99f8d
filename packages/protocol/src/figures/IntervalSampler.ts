/** How much of an interval a ping may come before its time, and still be the one of the next interval. */
const EARLY = 0.3;

/**
 * Picks one ping of each interval: the figures of loss are over those. The quick pings of a doubt would tell of the doubt,
 * and not of the time. Which pings are picked must not depend on what becomes of them. [HB-LOSS-1]
 */
export class IntervalSampler {
  readonly #interval: number;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** @param interval - The time between two pings of a healthy peer, in ms. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Whether the ping that leaves, or arrives, at this time is the first of an interval. */
  picks(now: number): boolean {
    const ahead = this.#nextAt - now;

    // Further ahead than an interval is a clock that was set back.
    if (ahead > this.#interval * EARLY && ahead <= this.#interval) {
      return false;
    }

    this.#nextAt = (Math.abs(ahead) > this.#interval / 2 ? now : this.#nextAt) + this.#interval;

    return true;
  }
}
