import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ImpairedLink } from '../../examples/meeting/relay/ImpairedLink.ts';
import type { Impairment } from '../../examples/meeting/relay/Impairment.ts';
import { seededRandom } from '../../examples/meeting/relay/random.ts';

const ADDRESS = '127.0.0.1';

/**
 * A bad network between two servers. Unlike a NAT it has one port for each of them, known from the beginning: a PipeTransport takes
 * packets only from the address that it was connected to.
 */
export class LinkRelay {
  readonly #sockets: readonly [Socket, Socket];
  readonly #links: readonly [ImpairedLink, ImpairedLink];

  private constructor(sockets: readonly [Socket, Socket], serverPorts: readonly [number, number]) {
    const random = seededRandom(1);
    const [near, far] = sockets;

    this.#sockets = sockets;
    this.#links = [new ImpairedLink(random), new ImpairedLink(random)];
    near.on('message', bytes => this.#links[0].take(bytes, out => this.#send(far, out, serverPorts[1])));
    far.on('message', bytes => this.#links[1].take(bytes, out => this.#send(near, out, serverPorts[0])));
  }

  /** Opens a relay between the UDP ports of two transports on loopback. */
  static async open(nearPort: number, farPort: number): Promise<LinkRelay> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;

    for (const socket of sockets) {
      socket.bind(0, ADDRESS);
      await once(socket, 'listening');
    }

    return new LinkRelay(sockets, [nearPort, farPort]);
  }

  /** What the near and the far transport connect to. */
  get addresses(): [near: { ip: string; port: number }, far: { ip: string; port: number }] {
    const [near, far] = this.#sockets;

    return [
      { ip: ADDRESS, port: near.address().port },
      { ip: ADDRESS, port: far.address().port },
    ];
  }

  /** Changes what happens to the packets of both directions. */
  impair(change: Partial<Impairment>): void {
    for (const link of this.#links) {
      link.impairment = { ...link.impairment, ...change };
    }
  }

  close(): void {
    for (const link of this.#links) {
      link.close();
    }

    for (const socket of this.#sockets) {
      socket.close();
    }
  }

  #send(socket: Socket, bytes: Buffer, port: number): void {
    // An error is a lost packet.
    socket.send(bytes, port, ADDRESS, () => {});
  }
}
