import type { Snapshot, StateChange } from '../Reason.ts';

/** The events of a change. */
export type ChangeEvent = 'statechange' | 'alive' | 'suspect' | 'dead' | 'close';

/** The listeners of a {@link ChangeTeller}. */
export type ChangeListeners = {
  /** Calls the listeners of an event. Must not throw. */
  emit(event: ChangeEvent, change: StateChange): void;
};

/**
 * Emits the changes of a state, each with all of its events before the next one. A listener may cause another change, for example
 * by closing the heartbeat on `dead`. If that change were emitted at once, the other listeners would see `close` before `dead`.
 */
export class ChangeTeller {
  readonly #listeners: ChangeListeners;
  /** The changes that wait while another one is being told. `undefined`: none is being told. */
  #untold: StateChange[] | undefined;
  #snapshot: Snapshot;

  /**
   * @param listeners - Told of each change.
   * @param at - When the state was `pending` (`new`), in ms: now.
   */
  constructor(listeners: ChangeListeners, at: number) {
    this.#listeners = listeners;
    this.#snapshot = Object.freeze({
      state: 'pending',
      previous: 'pending',
      reason: 'new',
      at,
      silentFor: 0,
    });
  }

  /** The change that was told last, or is being told. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Tells a change, now or after the one that is being told. */
  add(change: StateChange): void {
    if (this.#untold !== undefined) {
      this.#untold.push(change);

      return;
    }

    this.#untold = [];

    for (let next: StateChange | undefined = change; next !== undefined; next = this.#untold.shift()) {
      const { state, previous } = next;

      // A copy: listeners may write to theirs.
      this.#snapshot = Object.freeze({ ...next });
      this.#listeners.emit('statechange', next);

      if (state !== previous && state !== 'pending') {
        this.#listeners.emit(state === 'closed' ? 'close' : state, next);
      }
    }

    this.#untold = undefined;
  }
}
