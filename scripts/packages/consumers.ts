import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvisionError } from '../system/ProvisionError.ts';
import { projectFolder } from '../system/project.ts';
import { run } from '../system/run.ts';
import type { Packed } from './pack.ts';

/** The throw-away projects that use the packages as users do: the folders in consumers/. */
export const consumers = (): Promise<string[]> => readdir(join(projectFolder, 'consumers'));

/**
 * Copies a project into a folder, installs the tarballs and what else it needs there, and runs its `check`.
 *
 * @param install - See {@link fromRegistry} and {@link fromHere}.
 */
export async function checkConsumer(
  name: string,
  packed: readonly Packed[],
  into: string,
  install: (folder: string, packed: readonly Packed[]) => Promise<void>,
): Promise<void> {
  const folder = join(into, name);

  await cp(join(projectFolder, 'consumers', name), folder, { recursive: true });
  await install(folder, packed);

  const { code, output } = await run('npm', ['run', 'check'], {
    cwd: folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CI: 'true' },
  });

  if (code !== 0) throw new ProvisionError(`The project consumers/${name} fails:\n${output.trim()}`);
}

/** Installs what the project needs from the registry, as a user would. */
export async function fromRegistry(folder: string, packed: readonly Packed[]): Promise<void> {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  // They depend on each other by versions that no registry has yet.
  const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const wanted = { ...manifest.dependencies, ...tarballs };

  // They have to get along without a package that the project does not name.
  if (wanted.mediasoup === undefined) delete wanted['@mediasoup-heartbeat/server'];
  if (wanted['mediasoup-client'] === undefined) delete wanted['@mediasoup-heartbeat/client'];
  if (wanted.react === undefined) delete wanted['@mediasoup-heartbeat/react'];

  await writeFile(file, JSON.stringify({ ...manifest, dependencies: wanted }));

  const { code, output } = await run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    { cwd: folder, env: process.env },
  );

  if (code !== 0) throw new ProvisionError(`npm install failed in ${folder}:\n${output.trim()}`);
}

/** Takes what the project needs from this repository, without a registry. It must be installed here. */
export async function fromHere(folder: string, packed: readonly Packed[]): Promise<void> {
  const modules = join(folder, 'node_modules');

  for (const { name, tarball } of packed) {
    await mkdir(join(modules, name), { recursive: true });

    const { code, output } = await run('tar', [
      'xzf',
      tarball,
      '-C',
      join(modules, name),
      '--strip-components',
      '1',
    ]);

    if (code !== 0) throw new ProvisionError(`${tarball} cannot be read:\n${output}`);
  }

  for (const entry of await readdir(join(projectFolder, 'node_modules'))) {
    if (!entry.startsWith('.') && entry !== '@mediasoup-heartbeat') {
      await symlink(join(projectFolder, 'node_modules', entry), join(modules, entry));
    }
  }
}
