import type { State } from '@mediasoup-heartbeat/protocol';
import type { UpDownCounter } from '@opentelemetry/api';

/** The states of peers. A closed one is a peer no more. */
const STATES: readonly State[] = ['pending', 'alive', 'suspect', 'dead'];

/** One peer in the counter of peers by state. */
export class CountedPeer {
  readonly #counter: UpDownCounter;
  readonly #transport: string;
  #state: State = 'closed';

  constructor(counter: UpDownCounter, transport: string) {
    this.#counter = counter;
    this.#transport = transport;
  }

  /** Counts it in this state, and no longer in the one before. */
  is(state: State): void {
    this.#add(-1, this.#state);
    this.#state = state;
    this.#add(1, state);
  }

  /** Makes all states known, so that those without a peer are 0, and not missing. */
  static zero(counter: UpDownCounter, transport: string): void {
    for (const state of STATES) {
      counter.add(0, { transport, state });
    }
  }

  #add(by: number, state: State): void {
    if (STATES.includes(state)) {
      this.#counter.add(by, { transport: this.#transport, state });
    }
  }
}
