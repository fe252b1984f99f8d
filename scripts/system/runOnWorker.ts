import { join } from 'node:path';
import { buildPackages } from '../build.ts';
import { provisionWorker } from '../provision-worker.ts';
import { thisHost } from './Host.ts';
import { handOver } from './handOver.ts';
import { projectEnv, projectFolder } from './project.ts';

/**
 * Provides what a program of this repository needs for mediasoup, then runs it. Messages before that go to stderr, so
 * that stdout has only the program's output and its `--json` can be piped into a JSON parser.
 *
 * @param path - Of the program, from the repository's folder.
 * @returns its exit code
 */
export async function runOnWorker(path: string, args: readonly string[]): Promise<number> {
  const { log } = thisHost();

  await buildPackages({ log });

  const worker = await provisionWorker({ log });

  return handOver(process.execPath, [join(projectFolder, path), ...args], {
    ...projectEnv(),
    MEDIASOUP_WORKER_BIN: worker,
  });
}
