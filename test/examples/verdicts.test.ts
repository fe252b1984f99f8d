import { expect, it } from 'vitest';
import { assess, story } from '../../examples/meeting/page/verdicts.ts';

const at = (state: 'alive' | 'suspect' | 'dead', seconds: number) => ({ state, at: 1000 * seconds });

it('a judge that suspects a muted client is wrong, even if it changes its mind', () => {
  expect(assess('stays', []).tone).toBe('right');
  expect(assess('stays', [at('dead', 5)]).tone).toBe('wrong');
  expect(assess('stays', [at('dead', 5), at('alive', 20)]).tone).toBe('wrong');
});

it('a judge is right about a client that has left once it says dead', () => {
  expect(assess('leaves', []).tone).toBe('open');
  expect(assess('leaves', [at('suspect', 1)]).tone).toBe('open');
  expect(assess('leaves', [at('suspect', 1), at('dead', 5)]).tone).toBe('right');
});

it('a judge is right about a client that was away if it noticed that, and that the client is back', () => {
  expect(assess('returns', [])).toEqual({ tone: 'open', text: 'Has not noticed' });
  expect(assess('returns', [at('suspect', 1)]).tone).toBe('open');
  expect(assess('returns', [at('suspect', 1), at('alive', 3)]).tone).toBe('right');
});

it('the story of a judge gives the times since the step began', () => {
  expect(story([at('suspect', 11.92), at('alive', 13.4)], 10_000)).toBe(
    'suspect after 1.9 s, alive after 3.4 s',
  );
});
