import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cachePath } from '../system/cache.ts';
import { elapsed } from '../system/elapsed.ts';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { run } from '../system/run.ts';
import { withLock } from '../system/withLock.ts';
import { inNamespaces } from './namespaces.ts';
import type { AptSource } from './settings.ts';

/**
 * Debian's minimal base, as debootstrap makes it, without package lists. Made once per user and release: it takes a
 * minute, and nothing ever runs in it.
 *
 * @returns the folder it is in.
 */
export async function provisionBase(
  release: string,
  sources: readonly AptSource[],
  host: Host,
  signal: AbortSignal,
): Promise<string> {
  const base = cachePath(host.env, 'debian', release);
  const onWait = () => host.log('another process is making the bare Debian, waiting for that one');

  return withLock(`${base}.lock`, { onWait }, async () => {
    if (!existsSync(base)) await make(base, release, sources, host, signal);

    return base;
  });
}

async function make(
  base: string,
  release: string,
  sources: readonly AptSource[],
  { env, log }: Host,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = Date.now();
  const draft = `${base}.${process.pid}.tmp`;
  const mirror = sources.find(({ suite }) => suite === release)?.url ?? '';

  log(`making the minimal base of Debian ${release} in ${dirname(base)}, once`);

  try {
    await mkdir(draft, { recursive: true });

    // It mounts, too.
    const debootstrap = inNamespaces('debootstrap', '--variant=minbase', release, draft, mirror);
    const { code, output } = await run(...debootstrap, { env, signal });

    if (code !== 0) {
      throw new ProvisionError(
        `debootstrap could not make a Debian ${release}:\n${output.trim().split('\n').slice(-5).join('\n')}`,
      );
    }

    for (const left of ['var/lib/apt/lists', 'var/cache/apt']) {
      await rm(join(draft, left), { recursive: true, force: true });
      await mkdir(join(draft, left), { recursive: true });
    }

    await rename(draft, base);
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
  }

  log(`made in ${elapsed(startedAt)}`);
}
