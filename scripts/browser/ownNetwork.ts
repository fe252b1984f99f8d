import { platform } from 'node:os';
import { run } from '../system/run.ts';

/** The address of the network. It is reserved for documentation (RFC 5737), so nobody else uses it. */
export const OWN_NETWORK_ADDRESS = '192.0.2.1';

/**
 * Firefox neither offers nor accepts loopback addresses in WebRTC. Without a default route it offers none at all. So the
 * network has a second interface. Its other end is not connected, so nothing leaves the network.
 */
const SET_UP = `
PATH="$PATH:/usr/sbin:/sbin"
ip link set lo up
ip link add own type veth peer name nowhere
ip address add ${OWN_NETWORK_ADDRESS}/24 dev own
ip link set own up
ip link set nowhere up
ip route add default dev own
exec "$@"
`;

/**
 * The command line that starts a program in a network of its own, as root, or as any user if the system allows that.
 * Linux removes the network when its last process has ended, in whatever way.
 */
export function inOwnNetwork(isRoot: boolean, program: string, ...args: string[]): [string, string[]] {
  const namespaces = isRoot ? ['--net'] : ['--net', '--user', '--map-root-user'];

  return ['unshare', [...namespaces, 'sh', '-ec', SET_UP, 'sh', program, ...args]];
}

/** Why programs cannot have a network of their own here, or undefined. */
export async function findNetworkFault(isRoot: boolean, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (platform() !== 'linux') return `${platform()} has no network namespaces`;

  const { code, output } = await run(...inOwnNetwork(isRoot, 'true'), { env });

  return code === 0 ? undefined : output.trim().split('\n').at(-1);
}
