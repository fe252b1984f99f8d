import { platform } from 'node:os';
import { findOnPath } from '../../scripts/system/findOnPath.ts';
import type { Host } from '../../scripts/system/Host.ts';
import { ProvisionError } from '../../scripts/system/ProvisionError.ts';
import { run } from '../../scripts/system/run.ts';

/** The command line that starts a program in a network of its own. The program needs a second one beside it. */
export function inServerNetwork(isRoot: boolean): [string, string[]] {
  return ['unshare', isRoot ? ['--net'] : ['--net', '--user', '--map-root-user']];
}

/** @throws ProvisionError in one line if the bench cannot have its networks here. */
export async function ensureNetworks({ env, isRoot }: Host): Promise<void> {
  const fault = await findFault(env, isRoot);

  if (fault !== undefined) {
    throw new ProvisionError(
      `The bench of the recovery needs networks of its own, which cannot be had here: ${fault}. Run it as root on Linux with iproute2 and util-linux, in a container with the capabilities NET_ADMIN and SYS_ADMIN.`,
    );
  }
}

async function findFault(env: NodeJS.ProcessEnv, isRoot: boolean): Promise<string | undefined> {
  if (platform() !== 'linux') return `${platform()} has no network namespaces`;

  for (const program of ['ip', 'unshare', 'nsenter']) {
    if (!(await findOnPath(program, { PATH: `${env.PATH}:/usr/sbin:/sbin` }))) {
      return `the program ${program} is missing`;
    }
  }

  const [command, args] = inServerNetwork(isRoot);
  const nested = ['unshare', '--net', 'ip', 'link', 'add', 'wlan0', 'type', 'veth'];
  const { code, output } = await run(command, [...args, ...nested], {
    env: { ...env, PATH: `${env.PATH}:/usr/sbin:/sbin` },
  });

  return code === 0 ? undefined : output.trim().split('\n').at(-1);
}
