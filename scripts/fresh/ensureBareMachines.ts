import { platform } from 'node:os';
import { ensurePackages, hasApt } from '../system/apt.ts';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { run } from '../system/run.ts';
import { inNamespaces } from './namespaces.ts';

const PURPOSE = '`npm run test:fresh`';

/**
 * Makes sure that a bare Debian can be made here: on Debian, by root, with npm as the one who asks.
 *
 * @throws ProvisionError of one line that says why not, and what to do.
 */
export async function ensureBareMachines(host: Host): Promise<void> {
  const fault = await findFault(host);

  if (fault !== undefined) throw new ProvisionError(`${PURPOSE} ${fault}`);

  await ensurePackages(['debootstrap'], PURPOSE, host);
}

async function findFault(host: Host): Promise<string | undefined> {
  const { env, isRoot } = host;

  if (!env.npm_execpath || !env.npm_node_execpath)
    return 'takes the Node and the npm that run it along. Run it by npm, not by its file.';

  if (platform() !== 'linux' || !(await hasApt(host)) || !(await debianRelease(host)))
    return 'makes its bare Debian with the tools and from the mirror of a Debian. Run it on one, or in a container of one.';

  if (!isRoot) return 'needs root, for a file system of its own. Run it as root: sudo npm run test:fresh';

  const { code, output } = await run(...inNamespaces('true'), { env });

  return code === 0
    ? undefined
    : `needs namespaces of its own, which cannot be had here (${output.trim().split('\n').at(-1)}). ` +
        'In a container, give it the capability SYS_ADMIN.';
}

/** The code name of the Debian that runs here. Others with its tools have mirrors that debootstrap may not know. */
export async function debianRelease({ env }: Host): Promise<string | undefined> {
  const { output: about } = await run('cat', ['/etc/os-release'], { env });

  return /^ID="?debian"?$/m.test(about) ? /^VERSION_CODENAME="?(\w+)/m.exec(about)?.[1] : undefined;
}
