import type { BrowserKind, BrowserName } from './browsers.ts';
import type { Job, Result } from './jobs.ts';
import type { Lane } from './Lane.ts';
import { lengthOf } from './plan.ts';

export type Done = {
  results: Result[];
  /** The browsers by name, as they call themselves. */
  versions: Partial<Record<BrowserName, string>>;
  /** Jobs that failed twice. */
  failures: { job: Job; error: string }[];
};

/** Does all jobs on several lanes at once. A job that fails is done once more, on a new lane. */
export async function runJobs(
  jobs: readonly Job[],
  browsers: readonly BrowserKind[],
  lanes: number,
  open: (browser: BrowserKind) => Promise<Lane>,
  log: (line: string) => void,
): Promise<Done> {
  const waiting = jobs.map(job => ({ job, failed: false }));
  const done: Done = { results: [], versions: {}, failures: [] };

  /** The browser with the longest jobs left. */
  const nextBrowser = () => {
    const left = (browser: BrowserKind) =>
      waiting.reduce((sum, { job }) => sum + (job.browser === browser.name ? lengthOf(job) : 0), 0);

    return [...browsers].sort((one, other) => left(other) - left(one)).find(browser => left(browser) > 0);
  };
  const take = (browser: BrowserKind) => {
    const index = waiting.findIndex(({ job }) => job.browser === browser.name);

    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  };

  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let browser = nextBrowser(); browser !== undefined; browser = nextBrowser()) {
        const lane = await open(browser);

        done.versions[browser.name] = lane.version;

        for (let next = take(browser); next !== undefined; next = take(browser)) {
          try {
            done.results.push(await lane.do(next.job));
            log(`${done.results.length}/${jobs.length} ${nameOf(next.job)}`);
          } catch (error) {
            log(`${nameOf(next.job)}: ${(error as Error).message}`);
            if (next.failed) done.failures.push({ job: next.job, error: (error as Error).message });
            else waiting.push({ job: next.job, failed: true });
            break;
          }
        }

        lane.close();
      }
    }),
  );

  return done;
}

function nameOf(job: Job): string {
  switch (job.kind) {
    case 'outage': {
      return `${job.browser}, ${job.scenario}, ${job.contender}`;
    }
    case 'walk': {
      return `${job.browser}, walk ${job.steps.join('-')}, ${job.contender}`;
    }
    case 'healthy': {
      return `${job.browser}, healthy path`;
    }
  }
}
