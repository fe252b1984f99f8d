import { createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { arch, platform, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { publishExecutable } from '../system/cache.ts';
import type { Host } from '../system/Host.ts';
import { run } from '../system/run.ts';
import { findFault } from './findFault.ts';
import type { MediasoupPackage } from './MediasoupPackage.ts';

/** A closed network often swallows packets instead of refusing them. It must not cost more time than this. */
const CONNECT_TIMEOUT = 5_000;
/** A download that stalls for this long is given up. */
const STALL_TIMEOUT = 15_000;

/**
 * Fetches the worker that mediasoup publishes with each release, as its own installer does (npm-scripts.mjs,
 * downloadPrebuiltWorker), including its environment variables.
 *
 * @returns whether `target` exists now. If not, the cause is only logged, because there is another way.
 */
export async function downloadPrebuilt(
  target: string,
  mediasoup: MediasoupPackage,
  host: Host,
): Promise<boolean> {
  if (host.env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) {
    host.log(
      'worker: MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set, so the published one is not looked for',
    );
    return false;
  }

  const url = prebuiltUrl(mediasoup, host);
  const folder = await mkdtemp(join(tmpdir(), 'mediasoup-prebuilt-'));

  host.log(`worker: looking for mediasoup's own at ${url}`);

  try {
    const archive = join(folder, 'worker.tgz');

    await download(url, archive);

    const unpacked = await run('tar', ['-xzf', archive, '-C', folder, 'mediasoup-worker'], { env: host.env });
    if (unpacked.code !== 0) throw new Error(`the archive cannot be read: ${unpacked.output.trim()}`);

    const binary = join(folder, 'mediasoup-worker');
    const fault = await publishExecutable(target, draft => copyFile(binary, draft), findFault);
    if (fault !== undefined) throw new Error(fault);

    return true;
  } catch (error) {
    host.log(`worker: not from there: ${reason(error as Error)}`);
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function prebuiltUrl({ version, repository }: MediasoupPackage, { env }: Host): string {
  const base = env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL || `${repository}/releases/download`;
  const kernel = platform() === 'linux' ? `-kernel${Number(release().split('.')[0])}` : '';

  return `${base}/${version}/mediasoup-worker-${version}-${platform()}-${arch()}${kernel}.tgz`;
}

async function download(url: string, file: string): Promise<void> {
  const giveUp = new AbortController();
  let timer = setTimeout(() => giveUp.abort(new Error('no answer')), CONNECT_TIMEOUT);

  try {
    const response = await fetch(url, { signal: giveUp.signal });

    if (response.status === 404) throw new Error('none is published for this machine');
    if (!response.ok || !response.body)
      throw new Error(`the answer is ${response.status} ${response.statusText}`);

    const watched = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        clearTimeout(timer);
        timer = setTimeout(() => giveUp.abort(new Error('the download stalls')), STALL_TIMEOUT);
        yield chunk;
      }
    };

    await pipeline(Readable.fromWeb(response.body as ReadableStream), watched, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
}

/** fetch() says "fetch failed". The cause says what happened. */
function reason(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
