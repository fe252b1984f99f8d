import { platform } from 'node:os';
import { run } from '../system/run.ts';

/** The address of the network, which nobody else has: it is reserved for documentation (RFC 5737). */
export const OWN_NETWORK_ADDRESS = '192.0.2.1';

/**
 * Firefox neither offers nor takes loopback addresses in WebRTC, and without a default route it offers none at all. So
 * the network has a second interface, whose other end is connected to nothing, and all of it stays within.
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
 * The command line that starts a program in a network of its own, as root or, where the system allows everybody to
 * have one, as anybody. Linux takes the network down when the last process in it has ended, however that comes about.
 */
export function inOwnNetwork(isRoot: boolean, program: string, ...args: string[]): [string, string[]] {
  const namespaces = isRoot ? ['--net'] : ['--net', '--user', '--map-root-user'];

  return ['unshare', [...namespaces, 'sh', '-ec', SET_UP, 'sh', program, ...args]];
}

/** What keeps programs from having a network of their own here, or undefined. */
export async function findNetworkFault(isRoot: boolean, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (platform() !== 'linux') return `${platform()} has no network namespaces`;

  const { code, output } = await run(...inOwnNetwork(isRoot, 'true'), { env });

  return code === 0 ? undefined : output.trim().split('\n').at(-1);
}
