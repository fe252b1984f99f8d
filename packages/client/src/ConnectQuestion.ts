import type { types } from 'mediasoup-client';

/** What became of a question. */
export type ConnectAnswer =
  /**
   * The application called back. That may be before it sends the parameters: with its first operation, which is not this
   * one. It has to read them for that.
   */
  | { outcome: 'granted'; parameters: Watched }
  /** The application called `errback(error)`. */
  | { outcome: 'refused'; error: Error }
  /** Every listener threw, or rejected. mediasoup-client takes that for no answer at all. */
  | { outcome: 'lost' };

// biome-ignore lint/suspicious/noExplicitAny: an application's listener may return what it likes
type Listener = ((...args: any[]) => any) & { listener?: Listener };

/** A transport as an emitter, without the names of the events that its type knows. */
export type Emitter = {
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  rawListeners(event: string): Listener[];
};

/**
 * Asks the application to connect a transport on nobody's behalf: no operation of its own is behind it.
 *
 * It calls the `connect` listeners itself instead of emitting the event, because an event
 * - is lost on listeners that come later, of which one may be the one that connects (the first ones may only
 *   log): here they are asked as they come;
 * - uses `once()` listeners up, without which the application's own first operation throws "no connect
 *   listener set": here they stay until the transport is connected;
 * - whose listener throws or rejects is never answered: here that is an answer, and the next operation of
 *   the application asks again.
 */
export class ConnectQuestion {
  /** When it was asked, by `performance.now()`. */
  readonly askedAt: number = performance.now();
  /** The first answer. Pending while no listener gives one. */
  readonly answer: Promise<ConnectAnswer>;
  readonly #emitter: Emitter;
  readonly #dtlsParameters: object;
  readonly #asked = new Set<Listener>();
  #settle: (answer: ConnectAnswer) => void = () => {};
  #asking = true;
  /** How many listeners may still answer. */
  #working = 0;

  constructor(transport: types.Transport, dtlsParameters: object) {
    this.#emitter = transport as unknown as Emitter;
    this.#dtlsParameters = dtlsParameters;
    this.answer = new Promise(resolve => {
      this.#settle = answer => {
        this.adopt();
        resolve(answer);
      };
    });
    this.#emitter.on('newListener', this.#onNewListener);
    this.#askAll();
  }

  /** Asks nobody else: there is an answer, or an operation of the application waits for one as for its own. */
  adopt(): void {
    this.#asking = false;
    this.#emitter.off('newListener', this.#onNewListener);
  }

  /** Removes the `once()` listeners that were asked, as the event would have done. */
  useUp(): void {
    for (const listener of this.#asked) {
      if (listener.listener !== undefined) {
        this.#emitter.off('connect', listener);
      }
    }
  }

  readonly #onNewListener: Listener = (event: string) => {
    if (event === 'connect') {
      // It is told of before it is added.
      queueMicrotask(() => this.#askAll());
    }
  };

  #askAll(): void {
    for (const listener of this.#emitter.rawListeners('connect')) {
      if (this.#asking && !this.#asked.has(listener)) {
        this.#asked.add(listener);

        // As in an event, who throws keeps it from those behind.
        if (!this.#ask(listener)) {
          return;
        }
      }
    }
  }

  /** @returns false where the listener threw */
  #ask(listener: Listener): boolean {
    const parameters = new Watched(this.#dtlsParameters);

    this.#working++;

    try {
      const returned = (listener.listener ?? listener).call(
        this.#emitter,
        { dtlsParameters: parameters.copy },
        () => this.#settle({ outcome: 'granted', parameters }),
        (error: Error) => this.#settle({ outcome: 'refused', error }),
      );

      if (typeof returned?.then === 'function') {
        returned.then(undefined, (error: unknown) => {
          this.#lose();
          // To the application it remains the unhandled rejection that it is.
          throw error;
        });
      }

      return true;
    } catch {
      // The application's own operation will ask the same listener, and let mediasoup-client log what it throws.
      this.#lose();

      return false;
    }
  }

  #lose(): void {
    if (--this.#working === 0) {
      this.#settle({ outcome: 'lost' });
    }
  }
}

/** Parameters that tell whether they were read: a plain object from then on. */
export class Watched {
  /** What the application gets. */
  readonly copy: object;
  /** Settles when it reads them. */
  readonly read: Promise<void>;
  isRead = false;

  constructor(dtlsParameters: object) {
    const copy: { fingerprints?: unknown } = { ...dtlsParameters };
    const { fingerprints } = copy;

    this.copy = copy;
    this.read = new Promise(resolve => {
      const become = (value: unknown) => {
        Object.defineProperty(copy, 'fingerprints', { value, writable: true });
        this.isRead = true;
        resolve();

        return value;
      };

      // Whatever is done with them, without the fingerprints no server can be connected.
      Object.defineProperty(copy, 'fingerprints', {
        configurable: true,
        enumerable: true,
        get: () => become(fingerprints),
        set: become,
      });
    });
  }
}
