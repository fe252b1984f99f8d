import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ImpairedLink } from './ImpairedLink.ts';
import type { Impairment, Tally } from './Impairment.ts';
import { seededRandom } from './random.ts';

/** The two directions, as the client sees them. */
export type DirectionName = 'uplink' | 'downlink';

const ADDRESS = '127.0.0.1';

/**
 * A bad network in a box: a UDP port before the port of a mediasoup transport. The client is given the
 * relay's port in the transport's `iceCandidates`; what passes is delayed, lost, cut, as it is told.
 *
 * It serves one client. A packet from another address makes that one the client, as after a network change.
 */
export class UdpRelay {
  /** The port that the client sends to. */
  readonly port: number;
  readonly #toClient: Socket;
  readonly #targetPort: number;
  readonly #uplink: ImpairedLink;
  readonly #downlink: ImpairedLink;
  #toServer: Socket;
  #clientPort: number | undefined;
  #closed = false;

  private constructor(toClient: Socket, toServer: Socket, targetPort: number, seed: number) {
    const random = seededRandom(seed);

    this.port = toClient.address().port;
    this.#toClient = toClient;
    this.#toServer = toServer;
    this.#targetPort = targetPort;
    this.#uplink = new ImpairedLink(bytes => this.#send(this.#toServer, bytes, this.#targetPort), random);
    this.#downlink = new ImpairedLink(bytes => this.#send(this.#toClient, bytes, this.#clientPort), random);

    toClient.on('message', (bytes, { port }) => {
      this.#clientPort = port;
      this.#uplink.take(bytes);
    });
    toServer.on('message', bytes => this.#downlink.take(bytes));
  }

  /**
   * Opens a relay.
   *
   * @param targetPort - The transport's UDP port on loopback.
   * @param seed - Makes what is lost, and how late what arrives is, the same each time.
   */
  static async open(targetPort: number, seed = 1): Promise<UdpRelay> {
    const [toClient, toServer] = await Promise.all([bind(), bind()]);

    return new UdpRelay(toClient, toServer, targetPort, seed);
  }

  /** What the directions have done to their packets so far. */
  get tally(): Readonly<Record<DirectionName, Readonly<Tally>>> {
    return { uplink: this.#uplink.tally, downlink: this.#downlink.tally };
  }

  /** How the directions are impaired now. */
  get impairment(): Readonly<Record<DirectionName, Readonly<Impairment>>> {
    return { uplink: this.#uplink.impairment, downlink: this.#downlink.impairment };
  }

  /** Changes what happens to packets of one direction, or of both. What is not named stays as it is. */
  impair(change: Partial<Impairment>, ...directions: DirectionName[]): void {
    for (const [name, link] of [
      ['uplink', this.#uplink],
      ['downlink', this.#downlink],
    ] as const) {
      if (directions.length === 0 || directions.includes(name)) {
        link.impairment = { ...link.impairment, ...change };
      }
    }
  }

  /** Goes on from another port: to the server the client has changed its address. */
  async changeAddress(): Promise<void> {
    const before = this.#toServer;

    this.#toServer = await bind();
    this.#toServer.on('message', bytes => this.#downlink.take(bytes));
    before.close();
  }

  /** Closes the relay. The path is gone for good. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#uplink.close();
      this.#downlink.close();
      this.#toClient.close();
      this.#toServer.close();
    }
  }

  #send(socket: Socket, bytes: Buffer, port: number | undefined): void {
    if (!this.#closed && port !== undefined) {
      // An error is a lost packet.
      socket.send(bytes, port, ADDRESS, () => {});
    }
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');

  socket.on('error', () => {
    // Of a port that nobody listens on any more: a lost packet.
  });
  socket.bind(0, ADDRESS);
  await once(socket, 'listening');

  return socket;
}
