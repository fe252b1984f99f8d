/** What `useSyncExternalStore()` needs. */
export type Store<T> = {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => T;
};

/**
 * A value for any number of components. It is watched while at least one of them shows it: rendering has no effect, and after the last
 * component nothing is left.
 */
export class SharedStore<T> implements Store<T> {
  readonly subscribe = (listener: () => void): (() => void) => {
    // A component may subscribe twice with the same function.
    const entry = { listener };

    this.#entries.add(entry);

    if (this.#entries.size === 1) {
      this.#stop = this.#watch(value => this.#set(value));
    }

    return () => {
      if (this.#entries.delete(entry) && this.#entries.size === 0) {
        this.#stop?.();
        this.#stop = undefined;
        this.#value = this.#initial;
      }
    };
  };
  readonly getSnapshot = (): T => this.#value;
  readonly #initial: T;
  readonly #watch: (set: (value: T) => void) => () => void;
  readonly #entries = new Set<{ listener: () => void }>();
  #value: T;
  #stop: (() => void) | undefined;

  /**
   * @param initial - The value while nobody watches.
   * @param watch - Begins to watch, and returns a function that ends that. It calls `set` with each value, also before it returns.
   */
  constructor(initial: T, watch: (set: (value: T) => void) => () => void) {
    this.#initial = initial;
    this.#value = initial;
    this.#watch = watch;
  }

  #set(value: T): void {
    if (this.#entries.size > 0 && !Object.is(value, this.#value)) {
      this.#value = value;

      for (const { listener } of [...this.#entries]) {
        listener();
      }
    }
  }
}

/** Makes the store of an object, once: all components that show the same object share it. */
export function storePerObject<K extends object, T>(create: (key: K) => Store<T>): (key: K) => Store<T> {
  const stores = new WeakMap<K, Store<T>>();

  return key => {
    const store = stores.get(key) ?? create(key);

    stores.set(key, store);

    return store;
  };
}

/** The store of an object that does not exist yet: it never changes. */
export function emptyStore<T>(value: T): Store<T> {
  return { subscribe: () => () => {}, getSnapshot: () => value };
}
