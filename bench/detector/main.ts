/**
 * The bench of the failure detectors: how fast each one notices that a client died, in simulated networks.
 *
 *     npm run bench:detector -- [--quick] [--json] [--write] [--scenario=lan] [--detector=balanced] [--seed=1]
 *
 * `--quick` takes less than a minute, `--json` prints one object, `--write` writes the tables of
 * docs/detector-figures.md and its plots.
 */
import { parseArgs } from 'node:util';
import { plan } from './plan.ts';
import { type Report, tables, writeDocs } from './report.ts';
import { run } from './run.ts';
import { measureSteps } from './step.ts';
import { checkTargets } from './targets.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    detector: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});

const seed = Number(values.seed);
const steps = measureSteps();
const jobs = plan(values.quick, values.scenario, values.detector);
const begin = performance.now();

if (jobs.length === 0) {
  throw new Error(
    'No scenario or detector has this name. See bench/detector/worlds.ts and bench/detector/rivals/entries.ts.',
  );
}

const figures = jobs.map(({ world, entry, peers }, index) => {
  if (process.stderr.isTTY || !values.json) {
    process.stderr.write(`${index + 1}/${jobs.length} ${world.name}, ${entry.name}: ${peers} peers\n`);
  }

  return run(world, entry, peers, seed);
});

const hours = figures.reduce((sum, { peerHours }) => sum + peerHours, 0);
const report: Report = { seed, quick: values.quick, figures, targets: checkTargets(figures), steps };

if (values.write) {
  writeDocs(report);
}

process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${tables(report)}\n`);
process.stderr.write(
  `${Math.round(hours).toLocaleString('en')} peer-hours in ${((performance.now() - begin) / 1000).toFixed(0)} s\n`,
);
