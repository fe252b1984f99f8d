import type { WebSocket } from 'ws';
import type { NodePeers } from '../peers/NodePeers.ts';
import type { Notification, Notifications, Request, Requests } from '../signaling/messages.ts';
import type { Chaos } from './Chaos.ts';
import type { Peer } from './Peer.ts';
import type { Room } from './Room.ts';
import { rosterOf } from './roster.ts';

type Handlers = {
  [M in keyof Requests]: (data: Requests[M]['data']) => unknown;
};

/** The server's side of the signalling with one client. */
export class Session {
  readonly #socket: WebSocket;
  readonly #room: Room;
  readonly #nodePeers: NodePeers;
  readonly #chaos: Chaos;
  #peer: Peer | undefined;
  /** Whether it gets the roster and the changes. */
  watching = false;

  constructor(socket: WebSocket, room: Room, nodePeers: NodePeers, chaos: Chaos) {
    this.#socket = socket;
    this.#room = room;
    this.#nodePeers = nodePeers;
    this.#chaos = chaos;
    socket.on('message', message => this.#take(String(message)));
    socket.on('close', () => this.#peer && room.signalingLost(this.#peer));
    // The connection broke: `close` follows.
    socket.on('error', () => {});
  }

  /** Its client, once it has joined. */
  get peerId(): string | undefined {
    return this.#peer?.id;
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  /** Sends the client a notification. */
  notify<M extends keyof Notifications>(method: M, data: Notifications[M]): void {
    this.#send({ method, data } as Notification);
  }

  #send(message: unknown): void {
    if (this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  async #take(text: string): Promise<void> {
    let id = 0;

    try {
      const request: Request = JSON.parse(text);

      id = request.id;

      const handle = this.#handlers[request.method] as ((data: never) => unknown) | undefined;

      if (handle === undefined) {
        throw new Error(`Unknown method ${request.method}.`);
      }

      this.#send({ id, data: (await handle(request.data as never)) ?? {} });
    } catch (error) {
      this.#send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  get #self(): Peer {
    if (this.#peer === undefined) {
      throw new Error('Join first.');
    }

    return this.#peer;
  }

  readonly #handlers: Handlers = {
    watch: () => {
      if (!this.watching) {
        this.watching = true;
        this.notify('roster', rosterOf(this.#room, this.#nodePeers));

        for (const { seat, history } of this.#room.peers) {
          this.notify('history', { seat, history: history.told });
        }
      }

      return { routerRtpCapabilities: this.#room.rtpCapabilities };
    },
    join: ({ name, pid }) => {
      const { producers } = this.#room;
      const node = this.#nodePeers.has(pid);

      this.#peer = this.#room.join(name.slice(0, 40), node);

      if (node && pid !== undefined) {
        this.#nodePeers.name(pid, this.#peer.id);
        this.#peer.on('mute', muted => this.notify('mute', { muted }));
      }

      return { peerId: this.#peer.id, producers };
    },
    createTransport: async ({ direction }) => {
      const transport = await this.#self.createTransport(direction);

      this.#room.watch(this.#self, transport);

      return transport.parameters;
    },
    connectTransport: ({ transportId, dtlsParameters }) =>
      this.#self.connect(transportId, dtlsParameters as never),
    produce: async ({ transportId, kind, rtpParameters }) => {
      const producer = await this.#self.produce(transportId, kind, rtpParameters as never);

      this.#room.announce(this.#self, producer);

      return { id: producer.id };
    },
    consume: async ({ producerId, rtpCapabilities }) => {
      const { id, kind, rtpParameters } = await this.#self.consume(producerId, rtpCapabilities as never);

      return { id, producerId, kind, rtpParameters };
    },
    resumeConsumer: ({ consumerId }) => this.#self.resume(consumerId),
    restartIce: ({ transportId }) => this.#self.restartIce(transportId),
    pause: ({ producerId, paused }) => this.#self.pause(producerId, paused),
    disturb: ({ peerId, name, seconds, network }) => this.#chaos.disturb(peerId, name, seconds, network),
    restore: ({ peerId }) => this.#chaos.restore(peerId),
    end: ({ peerId, signal }) => this.#chaos.end(peerId, signal),
    bringBack: ({ name }) => this.#chaos.bringBack(name),
  };
}
