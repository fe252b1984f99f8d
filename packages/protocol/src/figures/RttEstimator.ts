import type { RttStats } from '../Stats.ts';

/** How many samples the minimum and the percentiles are over. */
const WINDOW = 128;

/** Samples are kept in µs: finer than any clock here measures, and half as large as a number in ms. The longest is above an hour. */
const US = 1000;
const LONGEST_KEPT = 2 ** 32 - 1;

/** Weights of a new sample: RFC 6298 §2.3. */
const SMOOTHING = 1 / 8;
const VARIATION_SMOOTHING = 1 / 4;

/** How many variations an answer may be later than usual: RFC 6298 §2.3. */
const VARIATIONS = 4;

/**
 * The least margin over the usual round trip, in ms. A quiet link does not show it: a long task in the page, a
 * collection of garbage, one retransmission on the radio.
 */
const LEAST_MARGIN = 70;

/** The timeout before the first answer, and the longest ever, in ms: RFC 6298 §2.1, and a deeply bloated queue. */
const FIRST_TIMEOUT = 1000;
export const LONGEST_TIMEOUT = 3000;

/**
 * A sample counts as at most this many times the timeout. So the timeout follows a growing queue within a few pings,
 * and one answer after a minute moves it little.
 */
const STRETCH = 1.5;

/** A round trip longer than the shortest one by this, in ms, has waited in a queue. */
const QUEUED = 100;

/** Round-trip time: the figures of RFC 6298 §2, the response timeout that follows from them, and a window of samples. */
export class RttEstimator {
  readonly #samples = new Uint32Array(WINDOW);
  #count = 0;
  #last = 0;
  #smoothed = 0;
  #variation = 0;
  #timeout = FIRST_TIMEOUT;
  #shortest = Number.POSITIVE_INFINITY;

  /** SRTT of RFC 6298, in ms. `undefined` before the first sample. */
  get smoothed(): number | undefined {
    return this.#count > 0 ? this.#smoothed : undefined;
  }

  /** How long to wait for an answer, in ms: RTO of RFC 6298, with bounds of our own. */
  get responseTimeout(): number {
    return this.#timeout;
  }

  /** The present round trip, in ms: the latest or the usual one, whichever is longer. 0 before the first sample. */
  get present(): number {
    return Math.max(this.#last, this.#smoothed);
  }

  /** Whether frames wait in a queue: the path takes longer than it has to. */
  get isQueueing(): boolean {
    return this.present - this.#shortest >= QUEUED;
  }

  /** Begins anew: the path is another one. */
  reset(): void {
    this.#count = 0;
    this.#last = 0;
    this.#timeout = FIRST_TIMEOUT;
    this.#shortest = Number.POSITIVE_INFINITY;
  }

  /** Takes a sample, in ms. */
  add(rtt: number): void {
    if (!Number.isFinite(rtt)) {
      return;
    }

    const sample = Math.min(Math.max(0, rtt), STRETCH * this.#timeout);

    if (this.#count === 0) {
      this.#smoothed = sample;
      this.#variation = sample / 2;
    } else {
      const error = sample - this.#smoothed;

      this.#variation += (Math.abs(error) - this.#variation) * VARIATION_SMOOTHING;
      this.#smoothed += error * SMOOTHING;
    }

    this.#timeout = Math.min(
      LONGEST_TIMEOUT,
      this.#smoothed + Math.max(LEAST_MARGIN, VARIATIONS * this.#variation),
    );
    this.#shortest = Math.min(this.#shortest, rtt);
    this.#last = rtt;
    this.#samples[this.#count++ % WINDOW] = Math.max(0, Math.min(LONGEST_KEPT, Math.round(rtt * US)));
  }

  /** The figures as of now. Sorts the window: for stats, not for every ping. */
  stats(): RttStats {
    const sorted = this.#samples.slice(0, Math.min(this.#count, WINDOW)).sort();
    const any = this.#count > 0;

    return {
      last: any ? this.#last : undefined,
      smoothed: any ? this.#smoothed : undefined,
      variation: any ? this.#variation : undefined,
      min: percentile(sorted, 0),
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
    };
  }
}

/** Nearest rank: the smallest sample that at least the given fraction of all does not exceed. */
function percentile(sorted: Uint32Array, fraction: number): number | undefined {
  const sample = sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)];

  return sample === undefined ? undefined : sample / US;
}
