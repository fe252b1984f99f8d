import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvisionError } from '../system/ProvisionError.ts';
import type { MediasoupPackage } from './MediasoupPackage.ts';
import type { Patch } from './recipe.ts';

/**
 * Applies patches to a copy of the sources. Each must match exactly once. Without it the worker would build, start and
 * crash later, so a changed source stops the build here.
 */
export async function patchSources(
  folder: string,
  patches: readonly Patch[],
  { variable }: MediasoupPackage,
): Promise<void> {
  for (const { file, find, replace } of patches) {
    const path = join(folder, file);
    const source = await readFile(path, 'utf8');
    const matches = source.split(find).length - 1;

    if (matches !== 1) {
      throw new ProvisionError(
        `worker/${file} of the npm package mediasoup contains "${find}" ${matches} times instead of once, ` +
          'so the fix in scripts/worker/recipe.ts does not apply to this version. ' +
          'Check whether mediasoup has fixed it, and change the recipe. Or name a worker from elsewhere:\n' +
          `  export ${variable}=/path/to/mediasoup-worker`,
      );
    }

    await writeFile(
      path,
      source.replace(find, () => replace),
    );
  }
}
