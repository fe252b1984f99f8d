import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCacheFolder } from './cache.ts';

export interface LockOptions {
  /** Called once when somebody else holds the lock. */
  readonly onWait: () => void;
  /** After this time the lock counts as forgotten. */
  readonly patience?: number;
}

/**
 * Lets one process at a time do a long piece of work. The lock only saves work: results are published by an atomic
 * rename, so a process that ignores a forgotten lock does no harm.
 */
export async function withLock<T>(
  path: string,
  { onWait, patience = 600_000 }: LockOptions,
  work: () => Promise<T>,
) {
  await makeCacheFolder(dirname(path));

  const deadline = Date.now() + patience;
  let waiting = false;

  while (!(await take(path))) {
    if (Date.now() > deadline || (await holderIsGone(path))) {
      await rm(path, { force: true });
      continue;
    }

    if (!waiting) onWait();
    waiting = true;
    await delay(250);
  }

  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A holder that was killed cannot remove its lock. Signal 0 only asks whether a process exists. */
async function holderIsGone(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));

  // Still empty: its holder is between creating and writing it, or has just removed it.
  if (!pid) return false;

  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
