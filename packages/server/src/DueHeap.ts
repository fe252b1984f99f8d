type Entry<T> = { item: T; dueAt: number; index: number };

/** A binary heap of items by due time, each of which can be moved or removed. */
export class DueHeap<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #entries = new Map<T, Entry<T>>();

  /** How many items there are. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first item is due. `Infinity` where there is none. */
  get firstDueAt(): number {
    return this.#heap[0]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /** The item that is due first. */
  get first(): T | undefined {
    return this.#heap[0]?.item;
  }

  /** All items, in no order. */
  items(): IterableIterator<T> {
    return this.#entries.keys();
  }

  /** Whether the item is in. */
  has(item: T): boolean {
    return this.#entries.has(item);
  }

  /** Puts an item in, or moves it to another due time. */
  set(item: T, dueAt: number): void {
    let entry = this.#entries.get(item);

    if (entry === undefined) {
      entry = { item, dueAt, index: this.#heap.length };
      this.#entries.set(item, entry);
      this.#heap.push(entry);
    }

    entry.dueAt = dueAt;
    this.#rise(entry);
    this.#sink(entry);
  }

  /** Takes an item out. */
  delete(item: T): void {
    const entry = this.#entries.get(item);

    if (entry === undefined) {
      return;
    }

    const last = this.#heap.pop();

    this.#entries.delete(item);

    if (last !== undefined && last !== entry) {
      this.#place(last, entry.index);
      this.#rise(last);
      this.#sink(last);
    }
  }

  #rise(entry: Entry<T>): void {
    for (;;) {
      const parent = this.#heap[(entry.index - 1) >> 1];

      if (parent === undefined || parent.dueAt <= entry.dueAt) {
        return;
      }

      this.#swap(parent, entry);
    }
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const least = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;

      if (least === undefined || entry.dueAt <= least.dueAt) {
        return;
      }

      this.#swap(entry, least);
    }
  }

  #swap(a: Entry<T>, b: Entry<T>): void {
    const { index } = a;

    this.#place(a, b.index);
    this.#place(b, index);
  }

  #place(entry: Entry<T>, index: number): void {
    entry.index = index;
    this.#heap[index] = entry;
  }
}
