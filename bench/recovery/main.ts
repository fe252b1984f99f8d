/**
 * The bench of the recovery: how long a call of a real browser is gone when its network changes.
 *
 *     npm run bench:recovery -- [--quick] [--json] [--write] [--lanes=8] [--browser=chromium] [--scenario=a,walk,healthy]
 *         [--contender=ours] [--runs=20] [--walks=200] [--minutes=85] [--keep=results.jsonl] [--add=earlier.json]
 *
 * The full run takes up to 90 minutes, `--quick` less than 5. After `--minutes` no more runs begin, and the report tells
 * how many are missing. `--json` prints one object, `--write` writes the tables and the plot of docs/recovery.md. `--keep`
 * writes each result at once: the same command goes on with an interrupted run. Ctrl-C ends with a report of what there
 * is. `--add` takes the results of an earlier run in, as `--json` printed it. It needs Linux and network namespaces: root,
 * or a system that gives them to any user.
 */
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { seededRandom } from '../../examples/meeting/relay/random.ts';
import { thisHost } from '../../scripts/system/Host.ts';
import { main } from '../../scripts/system/main.ts';
import { BROWSERS, type BrowserKind, findBrowsers } from './browsers.ts';
import { Lane } from './Lane.ts';
import { ensureNetworks, inServerNetwork } from './networks.ts';
import { plan } from './plan.ts';
import { ResultFile, without } from './ResultFile.ts';
import { read, reportOf, tables, together, writeDocs } from './report.ts';
import { runJobs } from './runJobs.ts';

/** How long a run takes on jobs, at most. The last ones may take 3 more. */
const MINUTES = 85;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    lanes: { type: 'string' },
    browser: { type: 'string', default: '' },
    scenario: { type: 'string', default: '' },
    contender: { type: 'string', default: '' },
    runs: { type: 'string' },
    walks: { type: 'string' },
    minutes: { type: 'string' },
    keep: { type: 'string' },
    seed: { type: 'string', default: '1' },
    add: { type: 'string', multiple: true, default: [] },
  },
});

await main(async () => {
  const host = thisHost();

  await ensureNetworks(host);

  const wanted = listed(values.browser);
  const found = await findBrowsers(host);
  const browsers = found.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

  for (const name of BROWSERS) {
    if (!found.some(browser => browser.name === name)) host.log(`left out: there is no ${name} here`);
  }

  const jobs = plan({
    quick: values.quick,
    browsers: browsers.map(({ name }) => name),
    scenarios: listed(values.scenario),
    contenders: listed(values.contender),
    runs: numberIn(values.runs),
    walks: numberIn(values.walks),
    random: seededRandom(Number(values.seed)),
  });
  const script = await bundlePage();
  const command = inServerNetwork(host.isRoot);
  const beganAt = performance.now();
  const file = new ResultFile(values.keep);
  const done = together([...values.add.map(read), file.read()]);
  const finish = () => {
    const report = reportOf(done);

    if (values.write) writeDocs(report);

    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${tables(report)}\n`);
    host.log(
      `${done.left} of ${jobs.length} jobs left after ${((performance.now() - beganAt) / 1000).toFixed(0)} s`,
    );
    process.exit(report.failures.length === 0 ? 0 : 1);
  };

  // The lanes end with this process.
  process.once('SIGINT', finish);

  await runJobs(without(jobs, done.results), done, {
    browsers,
    lanes: numberIn(values.lanes) ?? (values.quick ? 4 : 7),
    until: beganAt + (numberIn(values.minutes) ?? MINUTES) * 60_000,
    open: (browser: BrowserKind) => Lane.open(command, browser, script),
    keep: (result, version) => file.add(result, version),
    log: line => host.log(line),
  });
  finish();
});

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('page/page.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    tsconfig: 'tsconfig.json',
  });

  return outputFiles[0]?.text ?? '';
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function listed(text: string): string[] {
  return text.split(',').filter(Boolean);
}
