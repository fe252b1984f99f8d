import type { Requests } from './messages.ts';

/** How long an answer may take, in ms. Then the connection counts as dead. */
const TIMEOUT = 5000;

/** In ms. */
const RECONNECT_AFTER = 1000;

type Pending = { resolve: (data: never) => void; reject: (error: Error) => void };

/** The application's signalling, as applications have it: a WebSocket that connects again when it is lost. */
export class Signalling {
  readonly #url: string;
  readonly #pending = new Map<number, Pending>();
  #socket: WebSocket | undefined;
  #opened: Promise<void> | undefined;
  #id = 0;

  constructor(url: string) {
    this.#url = url;
    this.#connect();
  }

  /** Asks the server. Rejects when the connection is lost meanwhile, or no answer comes. */
  async request<M extends keyof Requests>(method: M, data: Requests[M][0]): Promise<Requests[M][1]> {
    const id = this.#id++;
    const timer = setTimeout(() => this.#lose(new Error(`no answer to ${method}`)), TIMEOUT);

    try {
      await this.#opened;

      return await new Promise<Requests[M][1]>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#socket?.send(JSON.stringify({ id, method, data }));
      });
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);

    this.#socket = socket;
    this.#opened = new Promise((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onclose = () => {
        reject(new Error('the signalling is down'));

        if (socket === this.#socket) this.#lose(new Error('the signalling is lost'));
      };
    });
    this.#opened.catch(() => {});
    socket.onmessage = ({ data }) => {
      const { id, data: answer, error } = JSON.parse(data);
      const pending = this.#pending.get(id);

      if (error === undefined) pending?.resolve(answer as never);
      else pending?.reject(new Error(error));
    };
  }

  #lose(error: Error): void {
    const socket = this.#socket;

    this.#socket = undefined;
    socket?.close();

    for (const { reject } of this.#pending.values()) reject(error);

    this.#opened = new Promise((_, reject) => {
      setTimeout(() => {
        reject(error);
        this.#connect();
      }, RECONNECT_AFTER);
    });
    this.#opened.catch(() => {});
  }
}
