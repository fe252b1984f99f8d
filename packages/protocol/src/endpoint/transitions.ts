import type { State } from '../Reason.ts';

/**
 * What the inputs of an endpoint amount to. Everything that an endpoint hears, misses or is told becomes one of
 * these, or nothing.
 */
export type Signal =
  /** There is nothing to judge: no other side, or none yet. */
  | 'wait'
  /** Enough authentic frames came since the peer was last in doubt. */
  | 'proof'
  /** Silence weighs enough for suspicion, or the transport or the page announced trouble. */
  | 'suspicion'
  /** Silence weighs enough for death. */
  | 'silence'
  /** The peer, or its transport, said that this is the end. */
  | 'end'
  /** The heartbeat or its transport is closed. */
  | 'close';

/** All signals, in the order of the table in PROTOCOL.md. */
export const SIGNALS: readonly Signal[] = ['wait', 'proof', 'suspicion', 'silence', 'end', 'close'];

/**
 * The state machine: the next state by state and signal. A signal that is not listed changes nothing. A signal that
 * leads to the same state changes the reason only. [HB-JUDGE-1]
 */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Signal, State>>>>> = {
  pending: { wait: 'pending', proof: 'alive', end: 'dead', close: 'closed' },
  alive: { wait: 'pending', suspicion: 'suspect', silence: 'dead', end: 'dead', close: 'closed' },
  suspect: {
    wait: 'pending',
    proof: 'alive',
    suspicion: 'suspect',
    silence: 'dead',
    end: 'dead',
    close: 'closed',
  },
  // Of several reasons to be dead the first is kept. Only proof of life makes a dead peer better.
  dead: { wait: 'pending', proof: 'alive', close: 'closed' },
  closed: {},
};
