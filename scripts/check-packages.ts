import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackages } from './build.ts';
import { checkConsumer, consumers, fromRegistry } from './packages/consumers.ts';
import { licencesOf } from './packages/licences.ts';
import { type Packed, packAll } from './packages/pack.ts';
import { elapsed } from './system/elapsed.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { run } from './system/run.ts';

/** The tools that look at tarballs. They are installed when they are needed, so that `npm ci` need not bring them. */
const TOOLS = ['publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];

/** The most that a tarball may have, in bytes. */
const BUDGETS: Readonly<Record<string, number>> = {
  '@mediasoup-heartbeat/protocol': 300_000,
  '@mediasoup-heartbeat/server': 100_000,
  '@mediasoup-heartbeat/client': 90_000,
  '@mediasoup-heartbeat/react': 20_000,
  '@mediasoup-heartbeat/conformance': 40_000,
};

/** Licences that allow any use if they are named. */
const LICENCES = ['ISC', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

/** One check: says how it went, and goes on. */
async function check(title: string, work: () => Promise<void>): Promise<boolean> {
  const startedAt = Date.now();

  try {
    await work();
    console.log(`✔ ${title} (${elapsed(startedAt)})`);

    return true;
  } catch (error) {
    console.log(`✘ ${title}\n${(error as Error).message}`);

    return false;
  }
}

function checkSize({ name, size, files }: Packed): void {
  const most = BUDGETS[name] ?? 0;

  if (size > most) throw new Error(`${name} has ${size} bytes packed, more than ${most}: see BUDGETS`);
  if (!files.includes('LICENSE') || !files.includes('README.md'))
    throw new Error(`${name} lacks LICENSE or README`);
}

async function checkReadme(folder: string, { name, files }: Packed): Promise<void> {
  const readme = await readFile(
    join(folder, 'staged', 'packages', name.split('/')[1] as string, 'README.md'),
    'utf8',
  );
  const dead = [...readme.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^(https:|#)/.test(target) && !files.includes(target.replace(/^\.\//, '')));

  if (dead.length > 0)
    throw new Error(`the README of ${name} links to what is not there: ${dead.join(', ')}`);
}

async function runTool(folder: string, program: string, ...args: string[]): Promise<void> {
  const { code, output } = await run(join(folder, 'node_modules', '.bin', program), args, { cwd: folder });

  if (code !== 0) throw new Error(output.trim());
}

/**
 * `npm run check:packages`: packs the packages as they are published, looks at the tarballs, and uses them in the projects of
 * consumers/. Arguments name some of these projects.
 */
await main(async () => {
  await buildPackages({ log: line => console.error(line) });

  const asked = process.argv.slice(2);
  const folder = await mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-packages-'));
  const tools = join(folder, 'tools');
  const passed: boolean[] = [];

  try {
    const packed = await packAll(folder);

    for (const one of packed) {
      console.log(`${one.name}: ${(one.size / 1000).toFixed(0)} kB packed`);
      passed.push(await check(`${one.name} has its files and is not too large`, async () => checkSize(one)));
      passed.push(
        await check(`${one.name}: each link of its README leads somewhere`, () => checkReadme(folder, one)),
      );
    }

    passed.push(
      await check('what ships has licences that allow any use', async () => {
        const others = (await licencesOf(packed)).filter(({ licence }) => !LICENCES.includes(licence));

        if (others.length > 0)
          throw new Error(others.map(({ name, licence }) => `${name}: ${licence}`).join('\n'));
      }),
    );

    if (asked.length === 0) {
      await mkdir(tools);

      const { code, output } = await run('npm', ['install', '--no-audit', '--no-fund', ...TOOLS], {
        cwd: tools,
      });

      if (code !== 0) throw new ProvisionError(`The tools cannot be installed:\n${output}`);

      for (const { name, tarball } of packed) {
        passed.push(
          await check(`publint: ${name}`, () => runTool(tools, 'publint', 'run', '--strict', tarball)),
        );

        // There is nothing to import from the package of commands.
        if (!name.endsWith('/conformance')) {
          passed.push(
            await check(`are the types wrong? ${name}`, () =>
              // The resolution of node10 knows no `exports`, so no entry points beside the main one.
              runTool(tools, 'attw', tarball, '--profile', 'node16', '--no-emoji'),
            ),
          );
        }
      }
    }

    for (const name of asked.length > 0 ? asked : await consumers()) {
      passed.push(await check(`consumers/${name}`, () => checkConsumer(name, packed, folder, fromRegistry)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  if (passed.includes(false)) throw new ProvisionError('The packages are not ready to be published.');
});
