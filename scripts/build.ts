import { glob, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { elapsed } from './system/elapsed.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { installedProgram, projectEnv, projectFolder } from './system/project.ts';
import { run } from './system/run.ts';

/** In the order of their dependencies. */
const PACKAGES = ['protocol', 'server', 'client', 'react', 'conformance'];

export interface BuildOptions {
  readonly log: (line: string) => void;
  /** Also builds what is up to date. */
  readonly force?: boolean;
}

/** Builds the packages whose sources have changed, and those after them. Quiet, unless one fails. */
export async function buildPackages({ log, force = false }: BuildOptions): Promise<void> {
  let outdated = force;

  for (const name of PACKAGES) {
    const folder = join(projectFolder, 'packages', name);

    outdated ||= await isOutdated(folder);
    if (outdated) await build(name, folder, log);
  }
}

/** Whether a source is newer than the oldest product. */
async function isOutdated(folder: string): Promise<boolean> {
  const manifest = join(folder, 'package.json');
  const sources = [join(projectFolder, 'tsup.config.ts'), manifest];

  for await (const file of glob('src/**/*.ts', { cwd: folder })) sources.push(join(folder, file));

  const changed = await Promise.all(sources.map(changedAt));
  const { exports, bin = {} } = JSON.parse(await readFile(manifest, 'utf8'));
  const products = filesIn([exports ?? {}, bin]);
  const built = await Promise.all(products.map(file => changedAt(join(folder, file))));

  return Math.max(...changed) > Math.min(...built);
}

/** The files that `exports` and `bin` of a package.json name, whatever their conditions. */
function filesIn(named: string | object): string[] {
  return typeof named === 'string' ? [named] : Object.values(named).flatMap(filesIn);
}

/** A missing file counts as the oldest. */
async function changedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

async function build(name: string, folder: string, log: (line: string) => void): Promise<void> {
  const startedAt = Date.now();
  const config = join(projectFolder, 'tsup.config.ts');

  await rm(join(folder, 'dist'), { recursive: true, force: true });

  const { code, output } = await run(installedProgram('tsup'), ['--config', config], {
    cwd: folder,
    env: projectEnv(),
  });

  if (code !== 0) throw new ProvisionError(`Building packages/${name} failed:\n${output.trim()}`);

  log(`build: packages/${name} (${elapsed(startedAt)})`);
}

if (import.meta.main) await main(() => buildPackages({ log: line => console.error(line), force: true }));
