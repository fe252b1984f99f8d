import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cachePath, publishExecutable } from '../system/cache.ts';
import { elapsed } from '../system/elapsed.ts';
import type { Host } from '../system/Host.ts';

/** What the bundled Chromium needs beyond a bare Debian. */
export const BUNDLED_PACKAGES = ['libexpat1', 'libnss3'];

/** The npm package @sparticuz/chromium carries a packed Chromium for Linux on x64, and only there it is of use. */
export function isBundled(): boolean {
  return platform() === 'linux' && arch() === 'x64' && existsSync(packageFile('bin/chromium.br'));
}

/**
 * Unpacks that Chromium, once per user and version. The package has a function for this, but it unpacks to a fixed
 * name in the temporary folder, where a second process finds a file that the first is still writing.
 */
export async function unpackBundled(host: Host): Promise<string> {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  const target = cachePath(host.env, 'chromium', version, 'chromium');

  if (existsSync(target)) return target;

  const startedAt = Date.now();

  await publishExecutable(target, draft =>
    pipeline(
      createReadStream(packageFile('bin/chromium.br')),
      createBrotliDecompress({ chunkSize: 2 ** 20 }),
      createWriteStream(draft),
    ),
  );
  host.log(`browser: unpacked the Chromium of the npm package @sparticuz/chromium (${elapsed(startedAt)})`);

  return target;
}

function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.resolve('@sparticuz/chromium'));
}
