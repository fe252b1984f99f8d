import { loadavg } from 'node:os';
import type { BrowserKind, BrowserName } from './browsers.ts';
import { type Job, keyOf, type Result } from './jobs.ts';
import type { Lane } from './Lane.ts';

export type Done = {
  results: Result[];
  /** The browsers by name, as they call themselves. */
  versions: Partial<Record<BrowserName, string>>;
  /** Jobs that failed twice. */
  failures: { job: Job; error: string }[];
  /** How many jobs have not been done yet. */
  left: number;
};

export type Means = {
  browsers: readonly BrowserKind[];
  lanes: number;
  /** No job begins later than this, by `performance.now()`. */
  until: number;
  open(browser: BrowserKind): Promise<Lane>;
  /** Takes a result as soon as there is one. */
  keep(result: Result, version: string): void;
  log(line: string): void;
};

/**
 * Does the jobs in their order, on several lanes at once, and adds to `done`. A job that fails is done once more, on a new lane.
 */
export async function runJobs(jobs: readonly Job[], done: Done, means: Means): Promise<void> {
  const { lanes, until, keep, log } = means;
  const waiting = jobs.map(job => ({ job, failed: false }));

  done.left = jobs.length;

  const next = () => (performance.now() < until ? waiting[0]?.job.browser : undefined);

  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let name = next(); name !== undefined; name = next()) {
        const lane = await means.open(means.browsers.find(browser => browser.name === name) as BrowserKind);

        done.versions[name] = lane.version;

        while (next() === name) {
          const { job, failed } = waiting.shift() as (typeof waiting)[number];

          try {
            const result = { ...(await lane.do(job)), lanes, load: loadavg()[0] ?? 0 };

            done.results.push(result);
            done.left--;
            keep(result, lane.version);
            log(`${jobs.length - done.left}/${jobs.length} ${keyOf(job)}`);
          } catch (error) {
            const { message } = error as Error;

            log(`${keyOf(job)}: ${message}`);
            if (failed) done.failures.push({ job, error: message });
            else waiting.push({ job, failed: true });
            break;
          }
        }

        lane.close();
      }
    }),
  );
}
