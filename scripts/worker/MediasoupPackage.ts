import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProvisionError } from '../system/ProvisionError.ts';

/** The installed npm package `mediasoup`. It is only read from, never written to. */
export interface MediasoupPackage {
  readonly folder: string;
  readonly version: string;
  /** Where its releases live, for people and for downloads. */
  readonly repository: string;
}

export function installedMediasoup(): MediasoupPackage {
  let folder: string;

  try {
    // Its main module is node/lib/index.js; package.json itself is not exported.
    folder = fileURLToPath(new URL('../../', import.meta.resolve('mediasoup')));
  } catch {
    throw new ProvisionError(
      'The npm package mediasoup is not installed. Install what package.json asks for:\n  npm ci',
    );
  }

  const { version, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

  return { folder, version, repository: repository.url.replace(/^git\+/, '').replace(/\.git$/, '') };
}
