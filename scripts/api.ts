import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { buildPackages } from './build.ts';
import { main } from './system/main.ts';
import { projectFolder } from './system/project.ts';

// `npm run api`: writes what the types of each package show its users, without comments. The files are checked in, so
// that a review sees each change of the public surface. A test fails while they differ from the build.

/** The entry points with a report: the packages, and what they have beside their main entry point. */
export const API_ENTRIES = [
  'protocol',
  'protocol/explain',
  'protocol/quality',
  'protocol/breaker',
  'protocol/media',
  'server',
  'server/explain',
  'server/quality',
  'server/breaker',
  'server/media',
  'server/metrics',
  'client',
  'client/explain',
  'client/quality',
  'client/breaker',
  'client/media',
  'react',
] as const;

const HEADER = '// The public types of this package. Written by `npm run api`; do not edit.\n';

/** Where the report of an entry point is checked in. */
export function apiFile(entry: string): string {
  return join(projectFolder, 'docs', 'api', `${entry.replace('/', '-')}.d.ts`);
}

/** The report of an entry point, of its build in `dist`. */
export async function apiOf(entry: string): Promise<string> {
  const [name = '', file = 'index'] = entry.split('/');
  const path = join(projectFolder, 'packages', name, 'dist', `${file}.d.ts`);
  const source = ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest, true);

  return HEADER + ts.createPrinter({ removeComments: true }).printFile(source);
}

if (import.meta.main) {
  await main(async () => {
    await buildPackages({ log: line => console.error(line) });

    for (const entry of API_ENTRIES) {
      const file = apiFile(entry);

      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await apiOf(entry));
    }
  });
}
