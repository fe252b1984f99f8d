import type { RttStats } from './Stats.ts';

/** A round trip longer than the shortest one by this, in ms, has waited in a queue. */
const QUEUED = 100;

/** How many samples the minimum and the percentiles are over. */
const WINDOW = 128;

/** Round-trip time: smoothed and with its variation as RFC 6298 §2 has it, and the order statistics of a window. */
export class RttEstimator {
  readonly #samples = new Float64Array(WINDOW);
  #count = 0;
  #smoothed: number | undefined;
  #variation: number | undefined;
  #shortest = Number.POSITIVE_INFINITY;
  #last = 0;

  /** SRTT of RFC 6298, in ms. `undefined` before the first sample. */
  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  /** The present round trip, in ms. 0 before the first sample. */
  get present(): number {
    return Math.max(this.#last, this.#smoothed ?? 0);
  }

  /** The present round trip, in ms, where packets wait in a queue. 0 where the path takes no longer than it has to. */
  get queued(): number {
    return this.present - this.#shortest >= QUEUED ? this.present : 0;
  }

  /** Takes a sample, in ms. */
  add(rtt: number): void {
    this.#last = rtt;
    this.#shortest = Math.min(this.#shortest, rtt);

    if (this.#smoothed === undefined || this.#variation === undefined) {
      this.#smoothed = rtt;
      this.#variation = rtt / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - rtt);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * rtt;
    }

    this.#samples[this.#count++ % WINDOW] = rtt;
  }

  /** The figures as of now. Sorts the window: for stats, not for every ping. */
  stats(): RttStats {
    const sorted = this.#samples.slice(0, Math.min(this.#count, WINDOW)).sort();

    return {
      last: this.#count > 0 ? this.#samples[(this.#count - 1) % WINDOW] : undefined,
      smoothed: this.#smoothed,
      variation: this.#variation,
      min: sorted[0],
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
    };
  }
}

/** Nearest rank: the smallest sample that at least the given fraction of all does not exceed. */
function percentile(sorted: Float64Array, fraction: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)];
}
