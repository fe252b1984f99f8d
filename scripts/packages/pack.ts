import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvisionError } from '../system/ProvisionError.ts';
import { projectFolder } from '../system/project.ts';
import { run } from '../system/run.ts';
import { type Address, addressIn, publishedManifest } from './manifest.ts';
import { publishedReadme } from './publishedReadme.ts';

/** The packages that are published, in the order of their dependencies. */
export const PUBLISHED = ['protocol', 'server', 'client', 'react', 'conformance'] as const;

/** A package as users get it. */
export type Packed = {
  /** As in `@mediasoup-heartbeat/client`. */
  readonly name: string;
  readonly tarball: string;
  /** The files in it. */
  readonly files: readonly string[];
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes of what it contains. */
  readonly unpackedSize: number;
};

/** The public address of the project, from the package.json at the top. */
export async function projectAddress(): Promise<Address | undefined> {
  return addressIn(JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')));
}

/** Packs all packages, built before, into a folder, as they are published. */
export async function packAll(into: string): Promise<Packed[]> {
  const address = await projectAddress();
  const packed: Packed[] = [];

  for (const short of PUBLISHED) {
    packed.push(await pack(`packages/${short}`, into, address));
  }

  return packed;
}

async function pack(folder: string, into: string, address: Address | undefined): Promise<Packed> {
  const staged = join(into, 'staged', folder);
  const manifest = JSON.parse(await readFile(join(projectFolder, folder, 'package.json'), 'utf8'));
  const { name, files } = manifest as { name: string; files: string[] };

  await rm(staged, { recursive: true, force: true });
  await mkdir(staged, { recursive: true });

  // `npm pack` leaves out what begins with an exclamation mark.
  for (const file of files.filter(name => !name.startsWith('!'))) {
    await cp(join(projectFolder, folder, file), join(staged, file), { recursive: true });
  }

  const readme = await readFile(join(projectFolder, folder, 'README.md'), 'utf8');

  await writeFile(join(staged, 'README.md'), publishedReadme(readme, folder, address));
  await writeFile(
    join(staged, 'package.json'),
    `${JSON.stringify(publishedManifest(manifest, folder, address), null, 2)}\n`,
  );

  const { code, output } = await run('npm', ['pack', '--json', '--pack-destination', into], {
    cwd: staged,
    env: process.env,
  });

  if (code !== 0) throw new ProvisionError(`Packing ${folder} failed:\n${output}`);

  const answer = JSON.parse(output.slice(output.search(/[[{]/)));
  // npm 11 answers with a list, later ones with an object by package.
  const [info] = Object.values(answer) as [
    { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
  ];

  return {
    name,
    tarball: join(into, info.filename),
    files: info.files.map(({ path }) => path),
    size: info.size,
    unpackedSize: info.unpackedSize,
  };
}
