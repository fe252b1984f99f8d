/**
 * One lane of the bench: does the jobs that its parent sends, one after another, in networks of its own.
 */
import type { BrowserKind } from '../browsers.ts';
import type { Job, Played } from '../jobs.ts';
import { Stage } from './Stage.ts';

let stage: Stage;

process.on('message', async (order: { browser: BrowserKind; script: string } | { job: Job }) => {
  try {
    if ('browser' in order) {
      const set = await Stage.set(order.browser, order.script);

      stage = set.stage;
      process.send?.({ version: set.version });
    } else {
      process.send?.({ result: await play(order.job) });
    }
  } catch (error) {
    process.send?.({ error: (error as Error).message });
  }
});
process.on('disconnect', () => process.exit());

async function play(job: Job): Promise<Played> {
  switch (job.kind) {
    case 'outage': {
      return { ...job, outcome: await stage.play(job.scenario, job.contender, job.patience) };
    }
    case 'walk': {
      return { ...job, outcomes: await stage.walk(job.steps, job.contender, job.patience) };
    }
    case 'healthy': {
      return { ...job, ...(await stage.restartNeedlessly()) };
    }
  }
}
