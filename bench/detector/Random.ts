/** Random numbers from a seed: sfc32 by Chris Doty-Humphrey (PractRand), which passes its tests and is small. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  constructor(seed: number, stream = 0) {
    this.seed(seed, stream);
  }

  /** Starts anew. Streams of the same seed are independent of each other. */
  seed(seed: number, stream = 0): void {
    this.#a = seed | 0;
    this.#b = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
    this.#c = Math.imul(stream + 1, 0xc2b2ae35) | 0;
    this.#counter = 1;

    for (let round = 0; round < 12; round++) {
      this.next();
    }
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;

    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;

    return (sum >>> 0) / 4294967296;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** Exponential: the time to the next of events that come independently. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}
