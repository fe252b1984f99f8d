import { once } from 'node:events';
import { setTimeout as lasting } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Requests } from '../page/messages.ts';
import { ADDRESS } from './ClientNetwork.ts';
import { DELAY } from './DelayedPath.ts';

/** The server has a network of its own, so no port is taken. */
const PORT = 8080;

export type Handlers = {
  [M in keyof Requests]: (data: Requests[M][0]) => Promise<Requests[M][1]>;
};

/** The application's server, at the delay of the path. */
export class Application {
  readonly url = `ws://${ADDRESS.relay}:${PORT}/`;
  /** Answers the page of the present call. */
  handlers: Handlers | undefined;

  static async start(): Promise<Application> {
    const application = new Application();
    const sockets = new WebSocketServer({ host: ADDRESS.relay, port: PORT });

    sockets.on('connection', socket => {
      socket.on('error', () => {});
      socket.on('message', message => application.#answer(socket, String(message)));
    });
    await once(sockets, 'listening');

    return application;
  }

  async #answer(socket: WebSocket, message: string): Promise<void> {
    const { id, method, data } = JSON.parse(message);

    await lasting(DELAY);

    const answer = await (this.handlers as Record<string, (data: unknown) => Promise<unknown>>)
      [method]?.(data)
      .then(
        result => ({ id, data: result }),
        (error: Error) => ({ id, error: error.message }),
      );

    await lasting(DELAY);
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(answer));
  }
}
