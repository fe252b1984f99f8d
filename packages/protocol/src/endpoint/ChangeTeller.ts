import type { StateChange } from '../Reason.ts';

/** The events of a change. */
export type ChangeEvent = 'statechange' | 'alive' | 'suspect' | 'dead' | 'close';

/**
 * Emits the changes of a state, each with all of its events before the next one. A listener may cause another change, for example
 * by closing the heartbeat on `dead`. If that change were emitted at once, the other listeners would see `close` before `dead`.
 */
export class ChangeTeller {
  readonly #tell: (event: ChangeEvent, change: StateChange) => void;
  readonly #untold: StateChange[] = [];
  #isTelling = false;

  /** @param tell - Calls the listeners of an event. Must not throw. */
  constructor(tell: (event: ChangeEvent, change: StateChange) => void) {
    this.#tell = tell;
  }

  /** Tells a change, now or after the one that is being told. */
  add(change: StateChange): void {
    this.#untold.push(change);

    if (this.#isTelling) {
      return;
    }

    this.#isTelling = true;

    for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
      const { state, previous } = next;

      this.#tell('statechange', next);

      if (state !== previous && state !== 'pending') {
        this.#tell(state === 'closed' ? 'close' : state, next);
      }
    }

    this.#isTelling = false;
  }
}
