import { elapsed } from './elapsed.ts';
import { findOnPath } from './findOnPath.ts';
import type { Host } from './Host.ts';
import { ProvisionError } from './ProvisionError.ts';
import { run } from './run.ts';

const INSTALL = ['install', '-y', '--no-install-recommends'];

/** Debian, Ubuntu and their relatives. */
export async function hasApt({ env }: Host): Promise<boolean> {
  return Boolean((await findOnPath('apt-get', env)) && (await findOnPath('dpkg-query', env)));
}

/**
 * Makes sure that Debian packages are installed. For root it names and installs them. Other users get an error with the
 * one line to run, because a script should not ask for a password. The line also fetches the package lists: a fresh
 * image has none.
 */
export async function ensurePackages(names: readonly string[], purpose: string, host: Host): Promise<void> {
  const missing = await missingPackages(names, host);

  if (missing.length === 0) return;

  if (!host.isRoot) {
    throw new ProvisionError(
      `${purpose} needs Debian packages that are not installed: ${missing.join(', ')}.\n` +
        `Install them with this line, then run the command again:\n` +
        `  sudo apt-get update && sudo apt-get ${[...INSTALL, ...missing].join(' ')}`,
    );
  }

  host.log(
    `${purpose} needs Debian packages. Installing outside this folder, with apt-get: ${missing.join(' ')}`,
  );
  await install(missing, purpose, host);
}

async function missingPackages(names: readonly string[], { env }: Host): Promise<string[]> {
  // dpkg-query exits with 1 if it does not know a package, after it has printed the others.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in.
  const format = '--showformat=${Package} ${db:Status-Status}\n';
  const { output } = await run('dpkg-query', ['--show', format, ...names], { env });
  const lines = new Set(output.split('\n'));

  return names.filter(name => !lines.has(`${name} installed`));
}

/** A fresh image has no package lists and an old one has stale ones: both make the install fail, and an update fixes both. */
async function install(names: readonly string[], purpose: string, host: Host): Promise<void> {
  const startedAt = Date.now();
  const env = { ...host.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) =>
    run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env });
  let result = await apt(...INSTALL, ...names);

  if (result.code !== 0) {
    host.log('The package lists are missing or old: apt-get update');
    const update = await apt('update');

    result = await apt(...INSTALL, ...names);
    if (result.code !== 0) result = { ...result, output: `${update.output}\n${result.output}` };
  }

  if (result.code !== 0) {
    throw new ProvisionError(
      `${purpose} needs Debian packages, and apt-get could not install them: ${names.join(', ')}.\n` +
        `${result.output.trim().split('\n').slice(-12).join('\n')}\n` +
        `Fix that, and try it by hand:\n  apt-get update && apt-get ${[...INSTALL, ...names].join(' ')}`,
    );
  }

  host.log(`Installed in ${elapsed(startedAt)}.`);
}
