import { join } from 'node:path';
import { buildPackages } from './build.ts';
import { provisionWorker } from './provision-worker.ts';
import { thisHost } from './system/Host.ts';
import { handOver } from './system/handOver.ts';
import { main } from './system/main.ts';
import { projectEnv, projectFolder } from './system/project.ts';

/**
 * `npm start`: everything the demo needs, then the demo. What comes before the demo goes to stderr, so that stdout is
 * the demo's alone and `npm start --silent -- --json` can be piped into a JSON parser.
 */
await main(async () => {
  const { log } = thisHost();

  await buildPackages({ log });

  const worker = await provisionWorker({ log });
  const demo = join(projectFolder, 'examples', 'meeting', 'main.ts');

  process.exitCode = await handOver(process.execPath, [demo, ...process.argv.slice(2)], {
    ...projectEnv(),
    MEDIASOUP_WORKER_BIN: worker,
  });
});
