/**
 * First in, first out. It keeps its memory: an array that is emptied by `shift()` gives it back, and takes it again with the next item.
 * There is room for three at first. An array that begins empty gets room for 17, and seldom are there more than two.
 */
export class Queue<T> {
  readonly #items: (T | undefined)[] = [undefined, undefined, undefined];
  #first = 0;
  #end = 0;

  push(item: T): void {
    this.#items[this.#end++] = item;
  }

  /** Takes the oldest item. `undefined`: there is none. */
  shift(): T | undefined {
    const item = this.#items[this.#first];

    if (item !== undefined) {
      this.#items[this.#first++] = undefined;
    }

    if (this.#first === this.#end) {
      this.#first = 0;
      this.#end = 0;
    }

    return item;
  }
}
