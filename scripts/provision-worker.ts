import { basename } from 'node:path';
import { ensurePackages, hasApt } from './system/apt.ts';
import { type Host, thisHost } from './system/Host.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { withLock } from './system/withLock.ts';
import { buildWorker } from './worker/build.ts';
import { cachedWorker, chosenWorker, firstGoodWorker, ownWorker } from './worker/locate.ts';
import {
  installedMediasoup,
  type MediasoupPackage,
  oldestMediasoup,
  WORKER_VARIABLE,
} from './worker/MediasoupPackage.ts';
import { downloadPrebuilt } from './worker/prebuilt.ts';
import { type Recipe, recipeFor } from './worker/recipe.ts';

export interface WorkerOptions extends Partial<Host> {
  readonly mediasoup?: MediasoupPackage;
  readonly recipe?: Recipe;
}

/**
 * Makes sure that there is a mediasoup-worker for an installed mediasoup, and tells where. In this order: the one
 * that mediasoup's environment variable names; one that exists already; the one that mediasoup publishes; one built here.
 *
 * mediasoup's own install script does the third and, failing that, a build whose tools and libraries come from the
 * internet. package.json switches it off, because on a machine that reaches only npm and Debian it makes the whole
 * `npm ci` fail.
 */
export async function provisionWorker(options: WorkerOptions = {}): Promise<string> {
  const host: Host = { ...thisHost(), ...options };
  const chosen = await chosenWorker(host, options.mediasoup?.variable ?? WORKER_VARIABLE);

  if (chosen) return chosen;

  const { mediasoup = installedMediasoup() } = options;
  const { recipe = recipeFor(mediasoup.version) } = options;
  const cached = cachedWorker(host, mediasoup, recipe);
  const present = await firstGoodWorker([ownWorker(mediasoup), cached], host);

  if (present) return present;

  const onWait = () => host.log('worker: another process is making it, waiting for that one');

  return withLock(`${cached}.lock`, { onWait }, async () => {
    if (await firstGoodWorker([cached], host)) return cached;
    if (await downloadPrebuilt(cached, mediasoup, host)) return cached;

    await ensureBuildable(mediasoup, recipe, host);
    await buildWorker(cached, mediasoup, recipe, host);

    return cached;
  });
}

async function ensureBuildable(
  { folder, version }: MediasoupPackage,
  { packages }: Recipe,
  host: Host,
): Promise<void> {
  if (await hasApt(host)) return ensurePackages(packages, `Building mediasoup-worker ${version}`, host);

  throw new ProvisionError(
    `There is no mediasoup-worker ${version} here: the published one could not be had (see above), and this project ` +
      `builds one on Debian and its relatives only, from ${packages.join(', ')}.\n` +
      "mediasoup's own build works on more systems; it needs a C++ compiler, make, Python 3 and the internet:\n" +
      `  npm run worker:build --prefix node_modules/${basename(folder)}`,
  );
}

/** `npm run worker`: prints where the worker is. With `oldest` that of the oldest supported mediasoup. */
if (import.meta.main) {
  await main(async () => {
    const options = process.argv[2] === 'oldest' ? { mediasoup: oldestMediasoup() } : {};

    process.stdout.write(`${await provisionWorker(options)}\n`);
  });
}
