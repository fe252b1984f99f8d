import type { Reason, State } from '../Reason.ts';

/** What a group needs to know of one of its members. */
export type Member = {
  state: State;
  reason: Reason;
  /** When its state changed last, in ms. */
  at: number;
  /** When it was heard last, in ms. `undefined`: never. */
  lastSeenAt: number | undefined;
};

/** From the best to the worst. A pending member says nothing about the others. */
const BEST_FIRST: readonly State[] = ['alive', 'suspect', 'dead', 'pending'];

/** What a client sent on another path just before its goodbye may arrive this much later, in ms. */
const CROSSING = 500;

/**
 * The verdict about a participant by all of its paths: the state of the best one. One lost path is no lost participant. The reason is
 * the one of the best path whose state changed last.
 *
 * A goodbye counts for the whole participant if it was heard on no path after that.
 */
export function groupVerdict(members: readonly Member[]): { state: State; reason: Reason } {
  const state = BEST_FIRST.find(candidate => members.some(member => member.state === candidate)) ?? 'pending';
  const best = members.filter(member => member.state === state).sort((a, b) => b.at - a.at);
  const goodbye = best.find(({ reason }) => reason === 'goodbye');

  if (
    state === 'dead' &&
    goodbye &&
    best.every(({ lastSeenAt = 0 }) => lastSeenAt <= goodbye.at + CROSSING)
  ) {
    return { state, reason: 'goodbye' };
  }

  return { state, reason: best[0]?.reason ?? 'new' };
}
