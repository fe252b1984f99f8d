import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ADDRESS } from './ClientNetwork.ts';
import { now } from './clock.ts';

/** Of each direction, in ms. */
export const DELAY = 25;

/** An RTP packet when it left the relay, and the browser's address that it came from or goes to. */
export type Passed = { at: number; payloadType: number; address: string; generation: number };

type Flow = { socket: Socket; address: string; generation: number };

/** A relay before a transport, at an address that all interfaces of the browser reach. It is also the NAT. */
export class DelayedPath {
  readonly port: number;
  /** The RTP towards the browser. */
  readonly down: Passed[] = [];
  /** The RTP of the browser. */
  readonly up: Passed[] = [];
  /** What is dropped, in both directions. */
  drops: (packet: Buffer) => boolean = () => false;
  /** How often the NAT has forgotten its ports. */
  generation = 0;
  readonly #client: Socket;
  readonly #serverPort: number;
  readonly #flows = new Map<string, Flow>();
  #closed = false;

  private constructor(client: Socket, serverPort: number) {
    this.port = client.address().port;
    this.#client = client;
    this.#serverPort = serverPort;
    client.on('message', (packet, from) => {
      if (!this.drops(packet)) {
        const { socket, address, generation } = this.#flowOf(from);

        setTimeout(() => {
          this.#note(this.up, packet, address, generation);
          this.#send(socket, packet, this.#serverPort, ADDRESS.server);
        }, DELAY);
      }
    });
  }

  static async open(serverPort: number): Promise<DelayedPath> {
    const client = createSocket('udp4').on('error', () => {});

    client.bind(0, ADDRESS.relay);
    await once(client, 'listening');

    return new DelayedPath(client, serverPort);
  }

  /** The server sees other ports from now on, and what it sends to the earlier ones is lost. The browser sees nothing. */
  rebind(): void {
    this.generation++;

    for (const { socket } of this.#flows.values()) socket.close();

    this.#flows.clear();
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
    this.rebind();
  }

  #flowOf({ address, port }: RemoteInfo): Flow {
    const key = `${address}:${port}`;
    const known = this.#flows.get(key);

    if (known) return known;

    const { generation } = this;
    const socket = createSocket('udp4').on('error', () => {});
    const flow: Flow = { socket, address, generation };

    socket.bind(0, ADDRESS.upstream);
    socket.on('message', packet => {
      if (generation === this.generation && !this.drops(packet)) {
        setTimeout(() => {
          this.#note(this.down, packet, address, generation);
          this.#send(this.#client, packet, port, address);
        }, DELAY);
      }
    });
    this.#flows.set(key, flow);

    return flow;
  }

  #note(passed: Passed[], packet: Buffer, address: string, generation: number): void {
    const payloadType = payloadTypeOf(packet);

    if (payloadType !== undefined) passed.push({ at: now(), payloadType, address, generation });
  }

  #send(socket: Socket, packet: Buffer, port: number, address: string): void {
    if (this.#closed) return;

    try {
      // An error is a lost packet: there is no way to a network that is gone.
      socket.send(packet, port, address, () => {});
    } catch {
      // The NAT has forgotten the port.
    }
  }
}

/** DTLS, which carries the data channels (RFC 7983). */
export function isDtls(packet: Buffer): boolean {
  return (packet[0] ?? 0) >= 20 && (packet[0] ?? 0) <= 63;
}

/** The payload type of an RTP packet. RTCP's types lie between 192 and 223, which are no payload types (RFC 5761). */
function payloadTypeOf(packet: Buffer): number | undefined {
  const [first = 0, second = 0] = packet;

  return first >= 128 && first < 192 && (second < 192 || second > 223) ? second & 0x7f : undefined;
}
