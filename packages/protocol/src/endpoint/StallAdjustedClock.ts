/**
 * Moments closer than this, in ms, are the same: times are converted between this clock and the caller's, and come
 * back rounded.
 */
export const INSTANT = 0.001;

/**
 * Time without local stalls: a clock that stands still while this process could hear nothing (a blocked event loop, a
 * frozen page, a suspended machine) and that never goes backwards. An endpoint keeps all its times by this clock, so
 * a stall ages neither silences nor pings. [HB-JUDGE-4]
 */
export class StallAdjustedClock {
  /** What to take off a reading of the caller's clock: all stalls, and all steps backwards. */
  #lost = 0;
  #latest = Number.NEGATIVE_INFINITY;

  /** The time of the latest reading. */
  get latest(): number {
    return this.#latest;
  }

  /** The time of a reading. A reading from the past means that the caller's clock was set back. */
  at(reading: number): number {
    const time = reading - this.#lost;

    if (time < this.#latest) {
      this.#lost = Number.isFinite(time) ? reading - this.#latest : this.#lost;
    } else if (time < Number.POSITIVE_INFINITY) {
      this.#latest = time;
    }

    return this.#latest;
  }

  /** The time of a reading that is not taken over. */
  timeOf(reading: number): number {
    return Math.max(this.#latest, reading - this.#lost);
  }

  /** By how much a reading comes after `due`, a time of this clock. Does not take the reading over. */
  late(reading: number, due: number): number {
    return reading - this.#lost - due;
  }

  /** The process did not run between these two readings. */
  skip(from: number, to: number): void {
    if (Number.isFinite(from) && Number.isFinite(to)) {
      this.#lost += Math.max(0, to - Math.max(from, this.reading(this.#latest)));
    }
  }

  /** The reading that the caller's clock will have at a time of this clock. */
  reading(time: number): number {
    return time + this.#lost;
  }
}
