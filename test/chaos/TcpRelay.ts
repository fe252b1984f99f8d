import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A relay before a port for ICE over TCP. */
export class TcpRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, serverPort: number) {
    this.port = (server.address() as { port: number }).port;
    this.#server = server;
    server.on('connection', client => {
      const upstream = connect(serverPort, '127.0.0.1');

      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => {});
      }

      client.pipe(upstream).pipe(client);
    });
  }

  static async open(serverPort: number): Promise<TcpRelay> {
    const server = createServer().listen(0, '127.0.0.1');

    await once(server, 'listening');

    return new TcpRelay(server, serverPort);
  }

  /** Takes the client out of its network: its connections stay open, and nothing passes through them any more. */
  leaveNetwork(): void {
    for (const socket of this.#sockets) {
      socket.unpipe().pause();
    }
  }

  close(): void {
    this.#server.close();

    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
