/** Messages that can be in flight at once: a page that froze for a minute answers all pings. */
const CAPACITY = 8192;

/** Messages, ordered by time. */
export class Inbox {
  readonly #times = new Float64Array(CAPACITY);
  readonly #seqs = new Int32Array(CAPACITY);
  #head = 0;
  #tail = 0;
  /** The earliest time. `Infinity`: it is empty. */
  nextAt = Number.POSITIVE_INFINITY;

  clear(): void {
    this.#head = 0;
    this.#tail = 0;
    this.nextAt = Number.POSITIVE_INFINITY;
  }

  push(at: number, seq: number): void {
    const times = this.#times;
    const seqs = this.#seqs;

    if (this.#tail === CAPACITY) {
      this.#compact();
    }

    let slot = this.#tail++;

    for (; slot > this.#head && (times[slot - 1] as number) > at; slot--) {
      times[slot] = times[slot - 1] as number;
      seqs[slot] = seqs[slot - 1] as number;
    }

    times[slot] = at;
    seqs[slot] = seq;
    this.nextAt = times[this.#head] as number;
  }

  /** Removes the earliest, and returns its sequence number. */
  shift(): number {
    const seq = this.#seqs[this.#head++] as number;

    if (this.#head === this.#tail) {
      this.clear();
    } else {
      this.nextAt = this.#times[this.#head] as number;
    }

    return seq;
  }

  #compact(): void {
    if (this.#head === 0) {
      throw new RangeError(`More than ${CAPACITY} messages are in flight. Raise CAPACITY.`);
    }

    this.#times.copyWithin(0, this.#head, this.#tail);
    this.#seqs.copyWithin(0, this.#head, this.#tail);
    this.#tail -= this.#head;
    this.#head = 0;
  }
}
