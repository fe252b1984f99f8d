import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from '../system/run.ts';

export interface Compiler {
  readonly flags: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Most of the time goes into reading the same headers, so many files are compiled as one: a "unity build". */
const BATCHES = 12;

export type Compiled = { readonly objects: readonly string[] } | { readonly errors: string };

/** Compiles the files in batches, as many at a time as there are cores. The first batch that fails stops the others. */
export async function compileAll(
  files: readonly string[],
  compiler: Compiler,
  onProgress: (done: number, all: number) => void,
): Promise<Compiled> {
  const batches = dealOut(files, BATCHES);
  const waiting = batches.entries();
  const objects: string[] = [];
  const stop = new AbortController();
  let errors: string | undefined;
  let done = 0;

  const work = async () => {
    for (const [index, batch] of waiting) {
      const result = await compileBatch(batch, `batch${index}`, compiler, stop.signal);

      if (stop.signal.aborted) return;

      if ('errors' in result) {
        errors = result.errors;
        stop.abort();
        return;
      }

      objects.push(...result.objects);
      onProgress(++done, batches.length);
    }
  };

  await Promise.all(Array.from({ length: availableParallelism() }, work));

  // Sorted, because the same sources must give the same binary, whichever batch is ready first.
  return errors === undefined ? { objects: objects.sort() } : { errors };
}

/** Neighbours in the list are alike and equally heavy, so they go to different batches. */
function dealOut(files: readonly string[], count: number): string[][] {
  return Array.from({ length: Math.min(count, files.length) }, (_, batch) =>
    files.filter((_, index) => index % count === batch),
  );
}

/** Two files that define the same private name do not compile as one. Then the batch is compiled file by file. */
async function compileBatch(
  files: readonly string[],
  name: string,
  compiler: Compiler,
  signal: AbortSignal,
): Promise<Compiled> {
  // Each file defines MS_CLASS for its log lines and leaves it defined.
  const unity = files.map(file => `#undef MS_CLASS\n#include "${file}"\n`).join('');

  await writeFile(join(compiler.cwd, `${name}.cpp`), unity);

  const together = await compileOne(`${name}.cpp`, `${name}.o`, compiler, signal);
  if ('objects' in together) return together;

  const objects: string[] = [];

  for (const [index, file] of files.entries()) {
    const alone = await compileOne(file, `${name}-${index}.o`, compiler, signal);
    if ('errors' in alone) return alone;
    objects.push(...alone.objects);
  }

  return { objects };
}

async function compileOne(
  source: string,
  object: string,
  { flags, cwd, env }: Compiler,
  signal: AbortSignal,
): Promise<Compiled> {
  const { code, output } = await run('g++', [...flags, '-c', source, '-o', object], { cwd, env, signal });

  return code === 0 ? { objects: [object] } : { errors: output };
}
