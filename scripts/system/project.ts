import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

const binFolder = join(projectFolder, 'node_modules', '.bin');

/** A program that `npm ci` installed. */
export const installedProgram = (name: string): string => join(binFolder, name);

/** Programs started with this find the Node that `npm ci` installed first, even if npm did not start us. */
export function projectEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, PATH: [binFolder, env.PATH].filter(Boolean).join(delimiter) };
}
