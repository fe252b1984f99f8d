import type { State } from '@mediasoup-heartbeat/client';
import type { Truth } from './steps.ts';
import { seconds } from './words.ts';

/** A verdict of a judge, and when it came. */
export type Change = { at: number; state: State };

/** How good a judge was. `open`: it may still change its mind. */
export type Assessment = { tone: 'right' | 'wrong' | 'open'; text: string };

const bad = (state: State) => state === 'suspect' || state === 'dead';

/** “suspect after 1.9 s, alive after 3.4 s”. */
export function story(changes: readonly Change[], since: number): string {
  return changes.map(({ at, state }) => `${state} after ${seconds(at - since)}`).join(', ');
}

/** Compares what a judge said since a step of the tour began with what is true. */
export function assess(truth: Truth, changes: readonly Change[]): Assessment {
  const latest = changes.at(-1);
  const noticed = changes.some(({ state }) => bad(state));

  switch (truth) {
    case 'stays':
      return noticed
        ? { tone: 'wrong', text: 'Wrong: is only muted' }
        : { tone: 'right', text: 'Right: is still there' };
    case 'leaves':
      return latest?.state === 'dead'
        ? { tone: 'right', text: 'Right: is gone' }
        : { tone: 'open', text: 'Has not noticed yet' };
    case 'returns':
      if (!noticed) {
        return { tone: 'open', text: 'Has not noticed' };
      }

      return latest?.state === 'alive'
        ? { tone: 'right', text: 'Right: was away, is back' }
        : { tone: 'open', text: 'Noticed it' };
  }
}
