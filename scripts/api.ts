import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { buildPackages } from './build.ts';
import { main } from './system/main.ts';
import { projectFolder } from './system/project.ts';

// `npm run api`: writes what the types of each package show its users, without comments. The files are checked in, so
// that a review sees each change of the public surface. A test fails while they differ from the build.

/** The packages with a report. */
export const API_PACKAGES = ['protocol', 'server', 'client'] as const;

const HEADER = '// The public types of this package. Written by `npm run api`; do not edit.\n';

/** Where the report of a package is checked in. */
export function apiFile(name: string): string {
  return join(projectFolder, 'docs', 'api', `${name}.d.ts`);
}

/** The report of a package, of its build in `dist`. */
export async function apiOf(name: string): Promise<string> {
  const file = join(projectFolder, 'packages', name, 'dist', 'index.d.ts');
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.Latest, true);

  return HEADER + ts.createPrinter({ removeComments: true }).printFile(source);
}

if (import.meta.main) {
  await main(async () => {
    await buildPackages({ log: line => console.error(line) });

    for (const name of API_PACKAGES) {
      const file = apiFile(name);

      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await apiOf(name));
    }
  });
}
