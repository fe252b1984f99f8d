import type { DataConsumer } from 'mediasoup/types';

/**
 * How often the worker is offered again what it has refused, in ms, and how often in a row at most. There is room for a
 * moment only, between two messages of the application. mediasoup logs each refusal, as it does those of the application.
 */
const AGAIN_EVERY = 20;
const TRIES = 500;

/** Messages that may wait here. A heartbeat pings a busy association once an interval. */
const MOST = 16;

/**
 * Hands messages to a DataConsumer. If the application keeps the send buffer of the association full, the worker refuses
 * them. Then they wait here, in their order.
 */
export class Outbox {
  readonly #out: DataConsumer;
  readonly #mayRetry: (error: Error) => boolean;
  readonly #dropped: (cause: string) => void;
  readonly #waiting: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #refusals = 0;
  #closed = false;

  /**
   * @param mayRetry - Whether to try again after this error. Otherwise what waits is dropped: the protocol survives loss.
   * @param dropped - Called for each message that is dropped, with the cause.
   */
  constructor(
    out: DataConsumer,
    mayRetry: (error: Error) => boolean,
    dropped: (cause: string) => void = () => {},
  ) {
    this.#out = out;
    this.#mayRetry = mayRetry;
    this.#dropped = dropped;
  }

  /** How many bytes wait here. */
  get refused(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  /** Sends a message when its turn comes, or drops it. */
  send(message: Buffer): void {
    if (this.#timer === undefined) {
      this.#out.send(message).catch(error => this.#onRefused(message, error));
    } else {
      this.#keep(message);
    }
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    this.#drop('the channel is closed');
  }

  #onRefused(message: Buffer, error: Error): void {
    if (!this.#closed && this.#mayRetry(error)) {
      this.#keep(message);
      this.#timer ??= this.#again();
    } else {
      this.#dropped(error.message);
    }
  }

  #keep(message: Buffer): void {
    if (this.#waiting.length < MOST) {
      this.#waiting.push(message);
    } else {
      this.#dropped('too many wait already');
    }
  }

  #drop(cause: string): void {
    for (const _message of this.#waiting) {
      this.#dropped(cause);
    }

    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#refusals = 0;
  }

  #again(): NodeJS.Timeout {
    return setTimeout(() => this.#retry(), AGAIN_EVERY).unref();
  }

  async #retry(): Promise<void> {
    try {
      for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
        await this.#out.send(next);
        this.#waiting.shift();
        this.#refusals = 0;
      }

      this.#timer = undefined;
    } catch (error) {
      if (!this.#closed && this.#mayRetry(error as Error) && ++this.#refusals < TRIES) {
        this.#timer = this.#again();
      } else {
        this.#drop((error as Error).message);
      }
    }
  }
}
