// biome-ignore lint/suspicious/noExplicitAny: the arguments of any event
type Events = Record<string, any[]>;

// biome-ignore lint/suspicious/noExplicitAny: on() and once() check what a listener takes
type Listener = (...args: any[]) => void;

type Entry = { listener: Listener; once: boolean };

/**
 * A small typed event emitter with the method names of mediasoup-client's. That one cannot be imported, because its path differs
 * between the versions.
 */
export class EventEmitter<E extends Events> {
  readonly #entries = new Map<keyof E, Entry[]>();
  readonly #added: (event: keyof E) => void;

  /**
   * @internal
   * @param added - Called when a listener was added.
   */
  constructor(added: (event: keyof E) => void = () => {}) {
    this.#added = added;
  }

  /** Calls `listener` at each such event, after those that were added before. */
  on<K extends keyof E & string>(event: K, listener: (...args: E[K]) => void): this {
    return this.#add(event, { listener, once: false });
  }

  /** Calls `listener` at the next such event only. */
  once<K extends keyof E & string>(event: K, listener: (...args: E[K]) => void): this {
    return this.#add(event, { listener, once: true });
  }

  /** Removes a listener, the latest where it was added more than once. */
  off<K extends keyof E & string>(event: K, listener: (...args: E[K]) => void): this {
    const entries = this.#entries.get(event) ?? [];

    this.#remove(event, entries[entries.map(entry => entry.listener).lastIndexOf(listener)]);

    return this;
  }

  /** How many listeners an event has. */
  listenerCount<K extends keyof E & string>(event: K): number {
    return this.#entries.get(event)?.length ?? 0;
  }

  /** Removes the listeners of one event, or all. */
  removeAllListeners<K extends keyof E & string>(event?: K): this {
    if (event === undefined) {
      this.#entries.clear();
    } else {
      this.#entries.delete(event);
    }

    return this;
  }

  /** Emits an event. An error in a listener goes to the console, and the other listeners are still called. */
  emit<K extends keyof E & string>(event: K, ...args: E[K]): boolean {
    const entries = this.#entries.get(event) ?? [];

    for (const entry of entries) {
      if (entry.once) {
        this.#remove(event, entry);
      }

      try {
        entry.listener(...args);
      } catch (error) {
        console.error(`mediasoup-heartbeat: a listener of "${event}" threw`, error);
      }
    }

    return entries.length > 0;
  }

  #remove(event: keyof E, entry: Entry | undefined): void {
    this.#entries.set(event, this.#entries.get(event)?.filter(other => other !== entry) ?? []);
  }

  #add(event: keyof E, entry: Entry): this {
    // A new array each time: an event that is being emitted goes to the listeners of its beginning.
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), entry]);
    this.#added(event);

    return this;
  }
}
