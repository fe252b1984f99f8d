/** How long the figures of loss reach back, in ms, and in how many parts: what is older goes part by part. [HB-LOSS-1] */
const REACH = 120_000;
const PARTS = 12;
const PART = REACH / PARTS;

/** What {@link SlidingSums.totals} returns. Used again and again: each report to a client takes it. */
const totals: number[] = [];

/** Sums over the last two minutes, in fixed memory however much is added. */
export class SlidingSums {
  readonly #columns: number;
  readonly #sums: Float32Array;
  #latest = Number.NEGATIVE_INFINITY;

  /** @param columns - How many different sums. */
  constructor(columns: number) {
    this.#columns = columns;
    this.#sums = new Float32Array(PARTS * columns);
  }

  /** Adds an amount to a sum. What happened before the two minutes changes nothing. */
  add(column: number, amount: number, at: number): void {
    const part = Math.floor(at / PART);

    this.#moveTo(part);

    if (part > this.#latest - PARTS) {
      const index = this.#start(part) + column;

      this.#sums[index] = (this.#sums[index] ?? 0) + amount;
    }
  }

  /** All sums as of now. None is below 0. They are valid until the next call, of any instance. */
  totals(now: number): readonly number[] {
    this.#moveTo(Math.floor(now / PART));

    for (let column = 0; column < this.#columns; column++) {
      let total = 0;

      for (let index = column; index < this.#sums.length; index += this.#columns) {
        total += this.#sums[index] as number;
      }

      totals[column] = Math.max(0, total);
    }

    return totals;
  }

  /** All sums are 0 again. */
  clear(): void {
    this.#sums.fill(0);
  }

  #start(part: number): number {
    return (((part % PARTS) + PARTS) % PARTS) * this.#columns;
  }

  #moveTo(part: number): void {
    if (part <= this.#latest) {
      return;
    }

    for (let next = Math.max(this.#latest, part - PARTS) + 1; next <= part; next++) {
      this.#sums.fill(0, this.#start(next), this.#start(next) + this.#columns);
    }

    this.#latest = part;
  }
}
