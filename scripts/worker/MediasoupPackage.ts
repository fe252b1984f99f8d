import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProvisionError } from '../system/ProvisionError.ts';

/** An installed npm package of mediasoup. It is only read from, never written to. */
export interface MediasoupPackage {
  readonly folder: string;
  readonly version: string;
  /** Where its releases live, for people and for downloads. */
  readonly repository: string;
  /** The environment variable with which the user names a worker for it. */
  readonly variable: string;
}

/** mediasoup's own variable, which it reads at run time, too. */
export const WORKER_VARIABLE = 'MEDIASOUP_WORKER_BIN';

/** The mediasoup that the project uses. */
export const installedMediasoup = (): MediasoupPackage => installed('mediasoup', WORKER_VARIABLE);

/** The oldest mediasoup that the server package supports: the tests of version skew need its worker. */
export const oldestMediasoup = (): MediasoupPackage =>
  installed('mediasoup-oldest', 'MEDIASOUP_OLDEST_WORKER_BIN');

function installed(name: string, variable: string): MediasoupPackage {
  let folder: string;

  try {
    // Its main module is node/lib/index.js; package.json itself is not exported.
    folder = fileURLToPath(new URL('../../', import.meta.resolve(name)));
  } catch {
    throw new ProvisionError(
      `The npm package ${name} is not installed. Install what package.json asks for:\n  npm ci`,
    );
  }

  const { version, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

  return {
    folder,
    version,
    variable,
    repository: repository.url.replace(/^git\+/, '').replace(/\.git$/, ''),
  };
}
