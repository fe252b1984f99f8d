import { buildPackages } from './build.ts';
import { provisionBrowser } from './provision-browser.ts';
import { provisionWorker } from './provision-worker.ts';
import { elapsed } from './system/elapsed.ts';
import { handOver } from './system/handOver.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { installedProgram, projectEnv } from './system/project.ts';

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

/** `npm test`: the quick checks first, then what the tests need, then the tests. Its arguments are vitest's. */
await main(async () => {
  await step('Types', () => check('tsc'));
  await step('Lint', () => check('biome', 'check'));
  const worker = await step('mediasoup-worker', () => provisionWorker({ log }));
  const browser = await step('Browser', () => provisionBrowser({ log }));
  await step('Build', () => buildPackages({ log }));

  console.log('• Tests');
  process.exitCode = await handOver(installedProgram('vitest'), ['run', ...process.argv.slice(2)], {
    ...projectEnv(),
    MEDIASOUP_WORKER_BIN: worker,
    CHROMIUM_BIN: browser.executablePath,
  });
});
