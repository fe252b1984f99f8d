import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** The addresses of the server's network: the relays, mediasoup, the relays' side of it, and the other participant. */
export const ADDRESS = {
  relay: '10.99.0.1',
  server: '10.99.0.2',
  upstream: '10.99.0.3',
  farEnd: '10.98.0.1',
};

type Link = 'wlan0' | 'wwan0';

/** Chromium takes the name for the type of the network, and prefers Wi-Fi. The metric gives it the default route. */
const LINKS: Record<Link, { subnet: string; metric: number }> = {
  wlan0: { subnet: '10.71.0', metric: 100 },
  wwan0: { subnet: '10.72.0', metric: 600 },
};

/**
 * The network of the browser: two interfaces that lead to one server address. This process is in the server's network,
 * the browser in one of its own. Linux removes both with the last process in them.
 */
export class ClientNetwork {
  readonly #pid: number;

  /** @param pid - Of a process in the browser's network. */
  constructor(pid: number) {
    this.#pid = pid;
    // The server's network. The local table comes late, so that rules before it can drop what an interface delivers.
    ip(
      'link set lo up',
      'rule add pref 100 lookup local',
      'rule del pref 0',
      ...[ADDRESS.relay, ADDRESS.server, ADDRESS.upstream].map(address => `addr add ${address}/32 dev lo`),
      'link add far type veth peer name farther',
      `addr add ${ADDRESS.farEnd}/24 dev far`,
      'link set far up',
      'link set farther up',
    );
    this.#in('link set lo up');

    for (const [link, { subnet }] of Object.entries(LINKS)) {
      ip(
        `link add p${link} type veth peer name ${link} netns ${pid}`,
        `addr add ${subnet}.1/24 dev p${link}`,
        `link set p${link} up`,
        // The other participant must not depend on the browser's interfaces.
        `rule add pref 5 from ${subnet}.1 to ${ADDRESS.farEnd} blackhole`,
      );
      // Without an IPv6 address of its own, whose appearance Chromium takes for another change of the network.
      this.#in(`link set ${link} addrgenmode none`);
      // An answer leaves where its address belongs, as on phones, Windows and macOS.
      this.#in(`rule add from ${subnet}.0/24 lookup ${tableOf(link as Link)}`);
    }
  }

  /** Makes the network as it is before a loss: Wi-Fi, and the mobile network if it is wanted. What is so already stays. */
  reset({ mobile }: { mobile: boolean }): void {
    this.dropWifi(false);
    this.up('wlan0');

    if (mobile) this.up('wwan0');
    else this.down('wwan0');
  }

  /** Brings an interface up, with its usual address or the other one. */
  up(link: Link, host: 2 | 3 = 2): void {
    const { subnet, metric } = LINKS[link];

    this.#in(
      `link set ${link} up`,
      `addr flush dev ${link} to ${subnet}.${host === 2 ? 3 : 2}`,
      `addr replace ${subnet}.${host}/24 dev ${link}`,
      `route replace default via ${subnet}.1 dev ${link} metric ${metric}`,
      `route replace default via ${subnet}.1 dev ${link} table ${tableOf(link)}`,
    );
  }

  removeAddress(link: Link): void {
    this.#in(`addr flush dev ${link}`);
  }

  /**
   * Takes an interface down, and its address after that, as network managers do. If both come at once, Chromium announces
   * that there is no network, and the next network a second later than otherwise.
   */
  down(link: Link): void {
    this.#in(`link set ${link} down`);
    this.#in(`addr flush dev ${link}`);
  }

  /** Lets everything on Wi-Fi vanish although the interface is up, or ends that. */
  dropWifi(drop: boolean): void {
    const { subnet } = LINKS.wlan0;

    ip(
      ...(drop
        ? ['rule add pref 10 iif pwlan0 blackhole', `rule add pref 11 to ${subnet}.2/31 blackhole`]
        : ['rule del pref 10', 'rule del pref 11']),
    );
  }

  #in(...commands: string[]): void {
    batch('nsenter', ['-t', String(this.#pid), '-n', 'ip', '-force', '-batch', '-'], commands);
  }
}

/** Lets a packet arrive on an interface other than the one an answer would leave on, if this system asks for that. */
export function allowAsymmetricRoutes(): void {
  for (const name of ['all', 'default']) {
    try {
      writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, '0');
    } catch {
      // A container may not change it. Most have it at 0.
    }
  }
}

function ip(...commands: string[]): void {
  batch('ip', ['-force', '-batch', '-'], commands);
}

/** Commands fail when there is nothing to do: a rule that is not there, an address on an interface that is down. */
function batch(program: string, args: string[], commands: string[]): void {
  const { error } = spawnSync(program, args, {
    input: `${commands.join('\n')}\n`,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });

  if (error) throw error;
}

function tableOf(link: Link): number {
  return link === 'wlan0' ? 71 : 72;
}
