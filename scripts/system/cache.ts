import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ProvisionError } from './ProvisionError.ts';

/** One cache per user, not per clone: a second clone, or a fresh `npm ci`, finds what the first one built. */
export function cachePath(env: NodeJS.ProcessEnv, ...parts: string[]): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'mediasoup-heartbeat', ...parts);
}

export async function makeCacheFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new ProvisionError(
      `The cache folder ${folder} cannot be created: ${error.message}.\n` +
        'Name a folder that this user may write to:\n  export XDG_CACHE_HOME=/some/folder',
    );
  });
}

/**
 * Writes an executable to the cache so that nobody ever sees half of it: it is written beside its final name, checked,
 * and only then renamed.
 *
 * @param write writes the file at the path it is given.
 * @param findFault returns what is wrong with the written file, or undefined if it is good.
 * @returns what `findFault` returned. Unless that is undefined, there is nothing at `target`.
 */
export async function publishExecutable(
  target: string,
  write: (draft: string) => Promise<unknown>,
  findFault: (draft: string) => Promise<string | undefined> = async () => undefined,
): Promise<string | undefined> {
  const draft = `${target}.${process.pid}.tmp`;

  await makeCacheFolder(dirname(target));

  try {
    await write(draft);
    await chmod(draft, 0o755);

    const fault = await findFault(draft);

    if (fault === undefined) await rename(draft, target);

    return fault;
  } finally {
    await rm(draft, { force: true });
  }
}
