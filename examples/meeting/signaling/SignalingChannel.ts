import type { Notification, Notifications, Request, Requests, Response } from './messages.ts';

/** The part of a WebSocket that signalling needs. Browsers, Node and `ws` all have it. */
export type SignalingSocket = {
  send(text: string): void;
  addEventListener(event: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(event: 'close', listener: () => void): void;
};

type Waiting = { resolve: (answer: never) => void; reject: (error: Error) => void };

/** The client's side of the signalling: requests, responses and notifications. */
export class SignalingChannel {
  readonly #socket: SignalingSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, ((data: never) => void)[]>();
  #closed = false;
  #requests = 0;

  constructor(socket: SignalingSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data))));
    socket.addEventListener('close', () => this.#onClose());
  }

  /** Sends a request. Rejects with the server's error, or if the connection is or gets closed. */
  async request<M extends keyof Requests>(
    method: M,
    data: Requests[M]['data'],
  ): Promise<Requests[M]['answer']> {
    if (this.#closed) {
      throw new Error('the signalling is closed');
    }

    const id = ++this.#requests;
    const request = { id, method, data } as Request;

    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify(request));
    });
  }

  /** Calls back with every notification of this method. */
  onNotification<M extends keyof Notifications>(method: M, listener: (data: Notifications[M]) => void): void {
    this.#listeners.set(method, [...(this.#listeners.get(method) ?? []), listener]);
  }

  #take(message: Response | Notification): void {
    if ('method' in message) {
      for (const listener of this.#listeners.get(message.method) ?? []) {
        listener(message.data as never);
      }

      return;
    }

    const waiting = this.#waiting.get(message.id);

    this.#waiting.delete(message.id);

    if ('error' in message) {
      waiting?.reject(new Error(message.error));
    } else {
      waiting?.resolve(message.data as never);
    }
  }

  #onClose(): void {
    this.#closed = true;

    for (const { reject } of this.#waiting.values()) {
      reject(new Error('the signalling was closed'));
    }

    this.#waiting.clear();
  }
}
