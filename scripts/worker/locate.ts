import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cachePath } from '../system/cache.ts';
import { isExecutable } from '../system/findOnPath.ts';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { findFault } from './findFault.ts';
import type { MediasoupPackage } from './MediasoupPackage.ts';
import { type Recipe, recipeHash } from './recipe.ts';

/** The worker that the user named. If it does not work, that is an error, never a reason to look for another one. */
export async function chosenWorker({ env }: Host, variable: string): Promise<string | undefined> {
  const choice = env[variable];

  if (!choice) return undefined;

  const path = resolve(choice);
  const fault = !existsSync(path)
    ? 'there is no such file'
    : !(await isExecutable(path))
      ? `it is not executable (chmod +x ${path})`
      : await findFault(path);

  if (fault === undefined) return path;

  throw new ProvisionError(
    `${variable} names ${path}, but ${fault}.\n` +
      `Name a mediasoup-worker that runs here, or let this project find one:\n  unset ${variable}`,
  );
}

/** Where mediasoup's own installer puts its worker, if it was allowed to run. */
export function ownWorker({ folder }: MediasoupPackage): string {
  return join(folder, 'worker', 'out', 'Release', 'mediasoup-worker');
}

/** The path of our own. Each mediasoup, machine and recipe has its own worker. */
export function cachedWorker({ env }: Host, { version }: MediasoupPackage, recipe: Recipe): string {
  const entry = `${version}-${process.platform}-${process.arch}-${recipeHash(recipe)}`;

  return cachePath(env, 'worker', entry, 'mediasoup-worker');
}

/** The first of these paths with a worker that starts. */
export async function firstGoodWorker(paths: readonly string[], { log }: Host): Promise<string | undefined> {
  for (const path of paths.filter(existsSync)) {
    const fault = await findFault(path);

    if (fault === undefined) return path;
    log(`worker: passing over ${path}: ${fault}`);
  }

  return undefined;
}
