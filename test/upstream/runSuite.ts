import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedProgram, projectEnv } from '../../scripts/system/project.ts';
import { run } from '../../scripts/system/run.ts';
import type { Result } from './Summary.ts';
import { type Suite, type SuiteName, suites } from './suites.ts';

const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));

/** A result, with vitest's output, and what the heartbeat should have done but did not. */
export type SuiteResult = Result & { output: string; unproven: string[] };

/**
 * Runs one suite with the heartbeat in a process of its own, as a whole or in some of its files.
 *
 * @param worker - The mediasoup-worker for it. Clients need none.
 */
export async function runSuite(
  name: SuiteName,
  { worker = '', files }: { worker?: string; files?: readonly string[] } = {},
): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'upstream-'));
  const resultFile = join(folder, 'result.json');

  try {
    const { output } = await run(installedProgram('vitest'), ['run', '--config', config], {
      env: {
        ...projectEnv(),
        MEDIASOUP_WORKER_BIN: worker,
        UPSTREAM_SUITE: name,
        UPSTREAM_FILES: files?.join(),
        UPSTREAM_RESULT: resultFile,
      },
    });
    const result: Result = JSON.parse(
      await readFile(resultFile, 'utf8').catch(() => {
        throw new Error(`vitest did not finish:\n${output}`);
      }),
    );
    const { proof }: Suite = suites[name];

    return { ...result, output, unproven: proof.filter(what => !result.activity[what]) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
