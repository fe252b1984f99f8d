import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensurePackages, hasApt } from '../system/apt.ts';
import { findOnPath } from '../system/findOnPath.ts';
import { type Host, thisHost } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { findFirefoxFault } from './firefox.ts';
import { findNetworkFault } from './ownNetwork.ts';

const COMMANDS = ['firefox-esr', 'firefox'];
const PURPOSE = 'The Firefox of the browser tests';

/**
 * Makes sure that there is a Firefox that starts, and that programs can have a network of their own, in which it is
 * tested. In this order: the one that FIREFOX_BIN names; one that is installed; Debian's.
 *
 * @returns its path, or undefined if there is none, after a line that says why. In CI, or if FIREFOX_BIN is set, a
 * missing Firefox is an error.
 */
export async function provisionFirefox(options: Partial<Host> = {}): Promise<string | undefined> {
  const host: Host = { ...thisHost(), ...options };

  try {
    return await firefox(host);
  } catch (error) {
    if (host.env.CI || host.env.FIREFOX_BIN || !(error instanceof ProvisionError)) throw error;

    // What is wrong, and the line that fixes it.
    const [first, ...rest] = error.message.split('\n');

    host.log(
      `Firefox is not to be had here, so the tests in it are left out. ${first} ${(rest.at(-1) ?? '').trim()}`.trim(),
    );

    return undefined;
  }
}

async function firefox(host: Host): Promise<string> {
  const chosen = await chosenFirefox(host);
  let found = chosen ?? (await installedFirefox(host));

  await ensureTools(found === undefined ? ['firefox-esr'] : [], host);
  found ??= await installedFirefox(host);

  if (found === undefined) {
    throw new ProvisionError(
      'There is no Firefox here that starts. Install one, or name one in FIREFOX_BIN, and run the command again:\n' +
        '  export FIREFOX_BIN=/path/to/firefox',
    );
  }

  const fault = await findNetworkFault(host.isRoot, host.env);

  if (fault !== undefined) {
    throw new ProvisionError(
      `The tests in Firefox need a network of their own, which cannot be had here: ${fault}.\n` +
        'Run them as root on Linux, in a container with the capabilities NET_ADMIN and SYS_ADMIN:\n  sudo npm test',
    );
  }

  return found;
}

/** A browser that was named must work. If it does not, that is an error, never a reason to look for another one. */
async function chosenFirefox({ env }: Host): Promise<string | undefined> {
  if (!env.FIREFOX_BIN) return undefined;

  const path = resolve(env.FIREFOX_BIN);
  const fault = existsSync(path) ? await findFirefoxFault(path) : 'there is no such file';

  if (fault === undefined) return path;

  throw new ProvisionError(
    `FIREFOX_BIN names ${path}, but ${fault}.\n` +
      'Name a Firefox that runs here, or let this project find one:\n  unset FIREFOX_BIN',
  );
}

async function installedFirefox({ env, log }: Host): Promise<string | undefined> {
  for (const command of COMMANDS) {
    const path = await findOnPath(command, env);
    const fault = path && (await findFirefoxFault(path));

    if (path && fault === undefined) return path;
    if (path) log(`Firefox: passing over ${path}: ${fault}`);
  }

  return undefined;
}

/** Installs what is missing, on systems that this script knows. */
async function ensureTools(packages: readonly string[], host: Host): Promise<void> {
  const systemPath = { PATH: `${host.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const missing = [
    ...packages,
    ...((await findOnPath('ip', systemPath)) ? [] : ['iproute2']),
    ...((await findOnPath('unshare', host.env)) ? [] : ['util-linux']),
  ];

  if (missing.length > 0 && (await hasApt(host))) await ensurePackages(missing, PURPOSE, host);
}
