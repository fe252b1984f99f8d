/** Samples whose order statistics are asked for at the end. */
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
}

/** What is counted over all peers of one world with one detector. */
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
  /** Verdicts that got worse within 2 s behind the thaw of a page. */
  afterThaw = 0;
  /** Deaths that came when the peer was called dead already: no sample. */
  deadBefore = 0;
  /** Deaths that were not noticed while watched. */
  undetected = 0;
}
