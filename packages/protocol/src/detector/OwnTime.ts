/**
 * Moments closer than this, in ms, are the same: own time and readings of the clock are converted into each
 * other, and come back rounded.
 */
export const INSTANT = 0.001;

/**
 * Time as the own process lived through it: a clock that stands still while nothing could be heard (a blocked
 * event loop, a frozen page, a suspended machine) and that never goes backwards. All a detector remembers is
 * in own time, so that a pause ages neither silences nor pings.
 */
export class OwnTime {
  /** What has to be taken off a reading: all pauses, and all steps of the clock. */
  #lost = 0;
  #latest = Number.NEGATIVE_INFINITY;

  /** The own time of the latest reading. */
  get latest(): number {
    return this.#latest;
  }

  /** The own time of a reading. One from the past is taken for a clock that was set back; what is no time is ignored. */
  at(now: number): number {
    const own = now - this.#lost;

    if (own < this.#latest) {
      this.#lost = Number.isFinite(own) ? now - this.#latest : this.#lost;
    } else if (own < Number.POSITIVE_INFINITY) {
      this.#latest = own;
    }

    return this.#latest;
  }

  /** By how much a reading comes after `due`, in own time. Does not take the reading over. */
  late(now: number, due: number): number {
    return now - this.#lost - due;
  }

  /** What lies between these readings was not lived through, but for what was read meanwhile. */
  skip(from: number, to: number): void {
    if (Number.isFinite(from) && Number.isFinite(to)) {
      this.#lost += Math.max(0, to - Math.max(from, this.reading(this.#latest)));
    }
  }

  /** The reading that a moment of own time will have. */
  reading(own: number): number {
    return own + this.#lost;
  }
}
