import type { Reason, State, StateChange } from '../Reason.ts';
import { type Signal, TRANSITIONS } from './transitions.ts';

/** The state of one heartbeat and the reason for it. It changes by {@link TRANSITIONS} only. */
export class StateMachine {
  #state: State = 'pending';
  #reason: Reason = 'new';
  #upSince: number | undefined;
  /** Whether the peer has been alive since the heartbeat last waited for it. */
  #wasAlive = false;

  get state(): State {
    return this.#state;
  }

  get reason(): Reason {
    return this.#reason;
  }

  /** Since when the peer is, without a break, neither dead nor waited for. */
  get upSince(): number | undefined {
    return this.#upSince;
  }

  /** Whether the peer has been alive before, so that life is a recovery. */
  get wasAlive(): boolean {
    return this.#wasAlive;
  }

  /**
   * Takes a signal.
   *
   * @returns the change, or `undefined` where neither the state nor its reason changes.
   */
  signal(signal: Signal, reason: Reason, at: number, silentFor: number): StateChange | undefined {
    const previous = this.#state;
    const state = TRANSITIONS[previous][signal];

    if (state === undefined || (state === previous && reason === this.#reason)) {
      return undefined;
    }

    this.#state = state;
    this.#reason = reason;

    if (state === 'alive') {
      this.#wasAlive = true;
      this.#upSince ??= at;
    } else if (state !== 'suspect') {
      this.#wasAlive &&= state !== 'pending';
      this.#upSince = undefined;
    }

    return { state, previous, reason, at, silentFor };
  }
}
