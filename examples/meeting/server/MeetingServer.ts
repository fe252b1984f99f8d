// Import the heartbeat first: it learns of Routers only from Workers that are created after it was loaded.
import '@mediasoup-heartbeat/server';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createWorker, type types } from 'mediasoup';
import { WebSocketServer } from 'ws';
import { NodePeers } from '../peers/NodePeers.ts';
import { Chaos } from './Chaos.ts';
import { PageFiles } from './PageFiles.ts';
import { Room } from './Room.ts';
import { rosterOf } from './roster.ts';
import { Session } from './Session.ts';

const MEDIA_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

/** How often all clients get the state of all clients, in ms. */
const ROSTER_EVERY = 500;

/** The whole meeting: mediasoup, the page, the signalling, and the clients that run in Node. */
export class MeetingServer {
  readonly room: Room;
  readonly nodePeers: NodePeers;
  readonly url: string;
  readonly #chaos: Chaos;
  readonly #worker: types.Worker;
  readonly #http: Server;
  readonly #sessions = new Set<Session>();
  readonly #rosterTimer: NodeJS.Timeout;

  private constructor(worker: types.Worker, router: types.Router, http: Server) {
    const address = http.address();
    const port = typeof address === 'object' ? address?.port : undefined;

    this.#worker = worker;
    this.#http = http;
    this.url = `http://127.0.0.1:${port}`;
    this.room = new Room(router);
    this.nodePeers = new NodePeers(this.url);
    this.#rosterTimer = setInterval(() => this.#showRoster(), ROSTER_EVERY);
    this.#chaos = new Chaos(this.room, this.nodePeers);
    this.room.on('change', change => {
      this.#tellWatching(session => session.notify('change', change));
      this.#showRoster();
    });
    this.room.on('newproducer', producer => this.#tell(session => session.notify('newProducer', producer)));
    this.room.on('producerclosed', gone => this.#tell(session => session.notify('producerClosed', gone)));
    this.room.on('left', () => this.#showRoster());
    this.room.on('disturbances', () => this.#showRoster());
  }

  /**
   * Starts everything except the clients.
   *
   * @param port - TCP port of page and signalling; 0 for any.
   * @throws Error with the code EADDRINUSE if the port is taken.
   */
  static async start(port: number): Promise<MeetingServer> {
    const files = await PageFiles.load();
    const http = createServer((request, response) => files.serve(request, response));

    http.listen(port, '127.0.0.1');
    await once(http, 'listening');

    const worker = await createWorker({ logLevel: 'error' });
    const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
    const server = new MeetingServer(worker, router, http);

    new WebSocketServer({ server: http, verifyClient: isOwnPage }).on('connection', socket => {
      const session = new Session(socket, server.room, server.nodePeers, server.#chaos);

      server.#sessions.add(session);
      socket.on('close', () => server.#sessions.delete(session));
    });

    return server;
  }

  /** Ends the signalling with a client. It does not connect again. */
  cutSignaling(peerId: string): void {
    for (const session of this.#sessions) {
      if (session.peerId === peerId) {
        session.cut();
      }
    }
  }

  /** Ends everything, including the processes of the clients. */
  async close(): Promise<void> {
    clearInterval(this.#rosterTimer);
    await this.nodePeers.close();
    this.#tell(session => session.cut());
    this.room.close();
    this.#worker.close();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #showRoster(): void {
    const roster = rosterOf(this.room, this.nodePeers);
    const histories = this.room.peers.map(({ seat, history }) => ({ seat, history: history.tell() }));

    this.#tellWatching(session => {
      session.notify('roster', roster);

      for (const history of histories) {
        session.notify('history', history);
      }
    });
  }

  #tell(what: (session: Session) => void): void {
    for (const session of this.#sessions) {
      what(session);
    }
  }

  #tellWatching(what: (session: Session) => void): void {
    this.#tell(session => session.watching && what(session));
  }
}

/** Refuses the pages of other sites, which could kill and start clients here. Clients in Node have no origin. */
function isOwnPage({ origin, req }: { origin: string | undefined; req: IncomingMessage }): boolean {
  return origin === undefined || origin.split('://')[1] === req.headers.host;
}
