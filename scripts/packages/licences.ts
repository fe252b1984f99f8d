import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../system/project.ts';
import type { Packed } from './pack.ts';

/** A package that comes with ours, and its licence. */
export type Licenced = { readonly name: string; readonly licence: string };

/** The licences of the packages and of all that they depend on, as installed here. Peers are the user's own. */
export async function licencesOf(packed: readonly Pick<Packed, 'name'>[]): Promise<Licenced[]> {
  const found = new Map<string, string>();
  const queue = packed.map(({ name }) => name);

  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (!found.has(name)) {
      const folder = name.replace(/^@mediasoup-heartbeat\//, 'packages/');
      const file = join(projectFolder, folder === name ? `node_modules/${name}` : folder, 'package.json');
      const { license = 'none', dependencies = {} } = JSON.parse(await readFile(file, 'utf8'));

      found.set(name, String(license));
      queue.push(...Object.keys(dependencies));
    }
  }

  return [...found].map(([name, licence]) => ({ name, licence }));
}
