import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inOwnNetwork } from './browser/ownNetwork.ts';
import { provisionFirefox } from './browser/provisionFirefox.ts';
import { buildPackages } from './build.ts';
import { provisionBrowser } from './provision-browser.ts';
import { provisionCoturn } from './provision-coturn.ts';
import { provisionWorker } from './provision-worker.ts';
import { elapsed } from './system/elapsed.ts';
import { thisHost } from './system/Host.ts';
import { handOver } from './system/handOver.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { installedProgram, projectEnv, projectFolder } from './system/project.ts';
import { TestCounts } from './system/TestCounts.ts';
import { type RanTest, unprovenFaults, unprovenRequirements } from './system/unlinked.ts';
import { type MediasoupPackage, oldestMediasoup } from './worker/MediasoupPackage.ts';

/** Firefox is tested in a network of its own, so in a run of its own. */
const FIREFOX_TEST = 'test/e2e/firefox.test.ts';

/** The one that needs a TURN server. */
const TURN_TEST = 'test/chaos/recovery-paths.test.ts';

const log = (line: string) => console.log(`  ${line}`);

/** A step that throws is the last one. */
async function step<T>(heading: string, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();

  console.log(`• ${heading}`);
  const result = await work();
  console.log(`  done in ${elapsed(startedAt)}`);

  return result;
}

async function check(program: string, ...args: string[]): Promise<void> {
  const code = await handOver(installedProgram(program), args, projectEnv());

  if (code !== 0)
    throw new ProvisionError(`${[program, ...args].join(' ')} failed, so the tests were not run.`);
}

/** Not every machine can have one. Without it, the tests that need it are skipped, except in CI or if one was named. */
async function provisionOldestWorker(mediasoup: MediasoupPackage): Promise<string | undefined> {
  try {
    return await provisionWorker({ log, mediasoup });
  } catch (error) {
    if (process.env.CI || process.env[mediasoup.variable] || !(error instanceof ProvisionError)) throw error;

    log('not to be had here, so the tests that need it are skipped: see `npm run worker -- oldest`');

    return undefined;
  }
}

/**
 * What PROTOCOL.md requires and docs/reliability.md promises must be exercised by tests that have just run. Not every machine can
 * run all of them: of those that were skipped, it only tells.
 */
async function checkLinks(tests: readonly RanTest[]): Promise<number> {
  const read = (path: string) => readFile(join(projectFolder, path), 'utf8');
  const unlinked = [
    ...unprovenRequirements(tests, await read('PROTOCOL.md')),
    ...unprovenFaults(tests, await read('docs/reliability.md')),
  ];

  for (const { what, isSkipped } of unlinked) {
    console.log(`${isSkipped ? 'only skipped tests' : 'no test that has run and passed'} for ${what}`);
  }

  return unlinked.every(({ isSkipped }) => isSkipped) ? 0 : 1;
}

/**
 * `npm test`: the quick checks first, then what the tests need, then the tests. Its arguments are vitest's: first the
 * files, then the options.
 */
await main(async () => {
  await step('Types', () => check('tsc'));
  await step('Lint', () => check('biome', 'check'));
  const worker = await step('mediasoup-worker', () => provisionWorker({ log }));
  const oldest = oldestMediasoup();
  const oldestWorker = await step(`mediasoup-worker ${oldest.version}, the oldest supported`, () =>
    provisionOldestWorker(oldest),
  );
  const browser = await step('Browser', () => provisionBrowser({ log }));
  const args = process.argv.slice(2);
  const optionsAt = args.findIndex(arg => arg.startsWith('-'));
  const files = optionsAt < 0 ? args : args.slice(0, optionsAt);
  const options = args.slice(files.length);
  const concerns = (test: string) => files.length === 0 || files.some(file => test.includes(file));
  const concernsFirefox = concerns(FIREFOX_TEST);
  const firefox = concernsFirefox ? await step('Firefox', () => provisionFirefox({ log })) : undefined;
  if (concerns(TURN_TEST)) await step('coturn', () => provisionCoturn({ log }));
  await step('Build', () => buildPackages({ log }));

  const vitest = installedProgram('vitest');
  const env = {
    ...projectEnv(),
    MEDIASOUP_WORKER_BIN: worker,
    MEDIASOUP_OLDEST_WORKER_BIN: oldestWorker,
    CHROMIUM_BIN: browser.executablePath,
    ...(firefox === undefined ? {} : { FIREFOX_BIN: firefox }),
  };
  // Left out, not skipped: a skipped test would look like one that never runs. There may be no other.
  const others = concernsFirefox ? ['--exclude', FIREFOX_TEST, '--passWithNoTests'] : [];

  const counts = new TestCounts();

  const runTests = (
    heading: string,
    run: (args: string[], counting: NodeJS.ProcessEnv) => Promise<number>,
    ...args: string[]
  ) => {
    console.log(`• ${heading}`);

    return counts.count(
      counting => run(['run', ...args, ...options], counting),
      env,
      (again, counting) => {
        console.log(`• Again, alone, because a busy machine may be the cause: ${again.join(' ')}`);

        return run(['run', ...again, ...options, '--maxWorkers', '1'], counting);
      },
    );
  };

  process.exitCode = await runTests(
    'Tests',
    (args, counting) => handOver(vitest, args, counting),
    ...files,
    ...others,
  );

  // Even if others fail: one run should show everything that is broken.
  if (firefox !== undefined) {
    const inNetwork = (args: string[], counting: NodeJS.ProcessEnv) =>
      handOver(...inOwnNetwork(thisHost().isRoot, vitest, ...args), counting);
    const code = await runTests('Tests in Firefox', inNetwork, FIREFOX_TEST);

    process.exitCode ||= code;
  }

  for (const test of counts.passedAgain) console.log(`failed, then passed when run again: ${test}`);

  // Some of the tests prove some of it only.
  if (args.length === 0 && counts.tests.length > 0) {
    process.exitCode ||= await checkLinks(counts.tests);
  }

  console.log(String(counts));
});
