import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ImpairedLink } from './ImpairedLink.ts';
import type { Impairment, Tally } from './Impairment.ts';
import { seededRandom } from './random.ts';

/** The two directions, as the client sees them. */
export type DirectionName = 'uplink' | 'downlink';

const ADDRESS = '127.0.0.1';

/**
 * A UDP relay that simulates a bad network between a client and a mediasoup transport. The client gets the relay's
 * port in the transport's `iceCandidates`. The relay delays, drops or cuts what passes.
 *
 * Like a NAT, it has a socket towards the server for each address that the client sends from: ICE tries several
 * addresses, and needs each answer at the address that asked.
 */
export class UdpRelay {
  /** Is called when the first packet gets to a client that had left its network, with the time since then, in ms. */
  onreturn: (gap: number) => void = () => {};
  /** The port that the client sends to. */
  readonly port: number;
  readonly #client: Socket;
  readonly #serverPort: number;
  readonly #uplink: ImpairedLink;
  readonly #downlink: ImpairedLink;
  /** The sockets towards the server by the client's address and port. */
  readonly #flows = new Map<string, Socket>();
  /** The client's addresses and ports in a network that it has left. */
  readonly #left = new Set<string>();
  /** When the client left its network. `undefined`: it has come back, or never left. */
  #leftAt: number | undefined;
  #closed = false;

  private constructor(client: Socket, serverPort: number, seed: number) {
    const random = seededRandom(seed);

    this.port = client.address().port;
    this.#client = client;
    this.#serverPort = serverPort;
    this.#uplink = new ImpairedLink(random);
    this.#downlink = new ImpairedLink(random);
    client.on('message', (bytes, from) => {
      this.#uplink.take(bytes, spoilt => {
        if (!this.#left.has(keyOf(from))) {
          this.#send(this.#flowOf(from), spoilt, this.#serverPort, ADDRESS);
        }
      });
    });
  }

  /**
   * Opens a relay.
   *
   * @param serverPort - The transport's UDP port on loopback.
   * @param seed - With the same seed the same packets are lost and delayed.
   * @param port - The port that the client sends to: that of a relay which was closed. Default: a free one.
   * @param address - The address that the client sends to, one of this machine's. Default: loopback.
   */
  static async open(serverPort: number, seed = 1, port = 0, address = ADDRESS): Promise<UdpRelay> {
    const client = bind(port, address);

    await once(client, 'listening');

    return new UdpRelay(client, serverPort, seed);
  }

  /** What happened to the packets of both directions so far. */
  get tally(): Readonly<Record<DirectionName, Readonly<Tally>>> {
    return { uplink: this.#uplink.tally, downlink: this.#downlink.tally };
  }

  /** How the directions are impaired now. */
  get impairment(): Readonly<Record<DirectionName, Readonly<Impairment>>> {
    return { uplink: this.#uplink.impairment, downlink: this.#downlink.impairment };
  }

  /** Reports for each packet how long it was really delayed, in ms: timers are late on a busy machine. */
  onrelease(listener: (direction: DirectionName, heldFor: number) => void): void {
    this.#uplink.onrelease = heldFor => listener('uplink', heldFor);
    this.#downlink.onrelease = heldFor => listener('downlink', heldFor);
  }

  /** Changes what happens to packets of one direction, or of both. Other settings stay as they are. */
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

  /** Continues from other ports: for the server the client has changed its address. */
  changeAddress(): void {
    for (const socket of this.#flows.values()) {
      socket.close();
    }

    this.#flows.clear();
  }

  /**
   * Takes the client out of its network: packets from and to the ports that it has used so far are lost. Only a port
   * that this relay has not seen yet gets through, for example the one after an ICE restart.
   */
  leaveNetwork(): void {
    this.#leftAt = performance.now();

    for (const key of this.#flows.keys()) {
      this.#left.add(key);
    }

    this.changeAddress();
  }

  /** Brings the client back: its old ports get through again. */
  returnToNetwork(): void {
    this.#left.clear();
    this.#leftAt = undefined;
  }

  /** Closes the relay. The path is gone for good. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#uplink.close();
      this.#downlink.close();
      this.#client.close();
      this.changeAddress();
    }
  }

  #flowOf(from: RemoteInfo): Socket {
    const { address, port } = from;
    const key = keyOf(from);
    let flow = this.#flows.get(key);

    if (flow === undefined) {
      flow = bind();
      flow.on('message', bytes => {
        this.#downlink.take(bytes, spoilt => {
          if (!this.#left.has(key)) {
            this.#send(this.#client, spoilt, port, address);
            this.#noteReturn();
          }
        });
      });
      this.#flows.set(key, flow);
    }

    return flow;
  }

  #noteReturn(): void {
    if (this.#leftAt !== undefined) {
      const gap = performance.now() - this.#leftAt;

      this.#leftAt = undefined;
      this.onreturn(gap);
    }
  }

  #send(socket: Socket, bytes: Buffer, port: number, address: string): void {
    if (!this.#closed) {
      // An error is a lost packet.
      socket.send(bytes, port, address, () => {});
    }
  }
}

function keyOf({ address, port }: RemoteInfo): string {
  return `${address}:${port}`;
}

/** A socket that queues what it sends until it has a port. */
function bind(port = 0, address = ADDRESS): Socket {
  const socket = createSocket('udp4');

  socket.on('error', () => {
    // Nobody listens on that port any more: a lost packet.
  });
  socket.bind(port, address);

  return socket;
}
