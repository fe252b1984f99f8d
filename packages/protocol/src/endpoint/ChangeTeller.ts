import type { StateChange } from '../Reason.ts';

/** The events that a change is told by. */
export type ChangeEvent = 'statechange' | 'alive' | 'suspect' | 'dead' | 'close';

/**
 * Tells the changes of a state, each by all of its events before the next one. A listener may bring about another change,
 * as one that closes on `dead` does: told at once, that one would overtake what is being told, and a heartbeat would be
 * closed first and dead afterwards.
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
