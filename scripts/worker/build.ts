import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publishExecutable } from '../system/cache.ts';
import { elapsed } from '../system/elapsed.ts';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { run } from '../system/run.ts';
import { type Compiler, compileAll } from './compile.ts';
import { findFault } from './findFault.ts';
import type { MediasoupPackage } from './MediasoupPackage.ts';
import { patchSources } from './patchSources.ts';
import type { Recipe } from './recipe.ts';

/** Builds the worker from the sources that the npm package carries, on a copy of them, and puts it at `target`. */
export async function buildWorker(target: string, mediasoup: MediasoupPackage, recipe: Recipe, host: Host) {
  const { folder, version } = mediasoup;
  const startedAt = Date.now();
  const work = await mkdtemp(join(tmpdir(), 'mediasoup-worker-'));

  host.log(`worker: building mediasoup-worker ${version} from the sources in the npm package`);

  try {
    for (const part of recipe.parts) {
      await cp(join(folder, 'worker', part), join(work, part), { recursive: true });
    }
    await patchSources(work, recipe.patches, mediasoup);

    const step = async (what: string, command: string, args: readonly string[]) => {
      const { code, output } = await run(command, args, { cwd: work, env: host.env });
      if (code !== 0) throw await buildError(what, output, target, mediasoup);
    };
    const compiler: Compiler = {
      flags: [...recipe.compilerFlags, `-I${recipe.shims}`, '-Igen', '-Iinclude', '-I.'],
      cwd: work,
      env: host.env,
    };

    await mkdir(join(work, 'gen', 'FBS'), { recursive: true });
    await step('generating the message headers', 'flatc', await flatcArguments(work));

    const compiled = await compileAll(await sourceFiles(work, recipe, mediasoup), compiler, (done, all) =>
      host.log(`worker: compiled batch ${done} of ${all} (${elapsed(startedAt)})`),
    );
    if ('errors' in compiled) throw await buildError('compiling', compiled.errors, target, mediasoup);

    await step('linking', 'g++', ['-s', ...compiled.objects, '-o', 'mediasoup-worker', ...recipe.libraries]);

    const binary = join(work, 'mediasoup-worker');
    const fault = await publishExecutable(target, draft => copyFile(binary, draft), findFault);
    if (fault !== undefined) throw await buildError('starting the result', fault, target, mediasoup);

    host.log(`worker: built in ${elapsed(startedAt)}`);
  } finally {
    // Retries, because a compiler that was just stopped may still be writing.
    await rm(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** The options of mediasoup's own build (worker/fbs/FBS/meson.build), which its sources rely on. */
async function flatcArguments(work: string): Promise<string[]> {
  const naming = [
    '--cpp-field-case-style',
    'lower',
    '--reflect-names',
    '--scoped-enums',
    '--filename-suffix',
    '',
  ];
  const schemas = (await readdir(join(work, 'fbs'))).filter(name => name.endsWith('.fbs'));

  return ['--cpp', ...naming, '-o', 'gen/FBS', ...schemas.map(name => `fbs/${name}`)];
}

/** What meson.build lists: the folder also holds sources that this configuration leaves out. */
async function sourceFiles(
  work: string,
  { sources }: Recipe,
  { variable }: MediasoupPackage,
): Promise<string[]> {
  const all: string[] = [];

  for (const [folder, name] of sources) {
    const file = join(folder, 'meson.build');
    const list = new RegExp(`^${name} = \\[(.*?)^\\]`, 'ms').exec(await readFile(join(work, file), 'utf8'));
    const listed = Array.from(list?.[1]?.matchAll(/'([^']+\.(?:cpp|cc))'/g) ?? [], match =>
      join(folder, match[1] as string),
    );

    if (listed.length === 0) {
      throw new ProvisionError(
        `worker/${file} of the npm package mediasoup has no list "${name}" any more, so scripts/worker does ` +
          'not know how to build this version. Name a worker from elsewhere:\n' +
          `  export ${variable}=/path/to/mediasoup-worker`,
      );
    }

    all.push(...listed);
  }

  return [...all, 'src/main.cpp'];
}

/** Shows the first errors, and writes everything to a file outside of the build's folder. */
async function buildError(
  what: string,
  output: string,
  target: string,
  { variable }: MediasoupPackage,
): Promise<ProvisionError> {
  const log = join(dirname(target), 'build.log');
  const lines = output.trim().split('\n');
  const errors = lines.filter(line => /\berror\b|undefined reference/i.test(line));

  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, output);

  return new ProvisionError(
    `Building mediasoup-worker failed at ${what}:\n` +
      `${(errors.length > 0 ? errors : lines).slice(0, 5).join('\n')}\n` +
      `The whole output is in ${log}\n` +
      `With a worker from elsewhere nothing needs to be built:\n  export ${variable}=/path/to/mediasoup-worker`,
  );
}
