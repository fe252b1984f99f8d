import { expect, it } from 'vitest';
import { keyOf } from '../../bench/recovery/jobs.ts';
import { plan } from '../../bench/recovery/plan.ts';
import { without } from '../../bench/recovery/ResultFile.ts';
import { seededRandom } from '../../examples/meeting/relay/random.ts';

const jobsOf = (walks: number) =>
  plan({
    quick: false,
    browsers: ['chromium', 'headless-shell', 'firefox'],
    scenarios: [],
    contenders: [],
    runs: undefined,
    walks,
    random: seededRandom(1),
  });

it('an interrupted bench of the recovery goes on with exactly the jobs that have no result', () => {
  const jobs = jobsOf(20);

  for (const done of [0, 1, 100, jobs.length]) {
    expect(without(jobsOf(20), jobs.slice(0, done))).toEqual(jobs.slice(done));
  }
});

it('results of walks that are not in the plan leave out no others', () => {
  const walks = jobsOf(20).filter(({ kind }) => kind === 'walk');

  expect(without(jobsOf(10), walks).filter(({ kind }) => kind === 'walk')).toEqual([]);
  expect(without(jobsOf(20), walks.slice(5)).filter(({ kind }) => kind === 'walk')).toHaveLength(5);
});

it('half a bench of the recovery has half the runs of each row of a rank', () => {
  const ours = jobsOf(20).filter(({ browser, kind }) => browser === 'firefox' && kind === 'outage');
  const runs = new Map<string, number>();

  for (const job of ours.slice(0, 30)) runs.set(keyOf(job), (runs.get(keyOf(job)) ?? 0) + 1);

  // 20 runs each of a, d and tunnel come first.
  expect([...runs.values()]).toEqual([10, 10, 10]);
});
