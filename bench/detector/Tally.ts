/** Times of one detector in one world, in ms. */
export type Times = { median: number; p99: number; samples: number };

/** Samples, for order statistics at the end. */
export class Samples {
  #values = new Float64Array(256);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(2 * this.#count);

      grown.set(this.#values);
      this.#values = grown;
    }

    this.#values[this.#count++] = value;
  }

  /** Nearest rank. `undefined` without samples. */
  quantile(fraction: number): number | undefined {
    const sorted = this.#values.slice(0, this.#count).sort();

    return sorted[Math.max(0, Math.ceil(this.#count * fraction) - 1)];
  }

  /** Their statistics. `undefined` without samples. */
  times(): Times | undefined {
    const median = this.quantile(0.5);
    const p99 = this.quantile(0.99);

    return median === undefined || p99 === undefined
      ? undefined
      : { median: Math.round(median), p99: Math.round(p99), samples: this.#count };
  }
}

/** The counts over all clients of one world with one detector. */
export class Tally {
  readonly suspect = new Samples();
  readonly dead = new Samples();
  readonly recovery = new Samples();
  peers = 0;
  hours = 0;
  pings = 0;
  outages = 0;
  falseSuspects = 0;
  suspectsInOutage = 0;
  falseDeads = 0;
  falseDeadsInOutage = 0;
  /** Worse states within 2 s after the thaw of a page. */
  afterThaw = 0;
  /** Deaths of clients that were called dead already: no sample. */
  deadBefore = 0;
  /** Deaths that were not noticed in time. */
  undetected = 0;
}
