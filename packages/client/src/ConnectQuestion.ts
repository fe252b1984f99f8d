import type { types } from 'mediasoup-client';

/** The answer to a question. */
export type ConnectAnswer =
  /**
   * The application called back. It may do so before it sends the parameters, and send them later with its first operation. To send
   * them it has to read them.
   */
  | { outcome: 'granted'; parameters: Watched }
  /** The application called `errback(error)`. */
  | { outcome: 'refused'; error: Error }
  /** Every listener threw or rejected. For mediasoup-client this is no answer. */
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
 * Asks the application to connect a transport although no operation of the application needs it yet.
 *
 * It calls the `connect` listeners itself instead of emitting the event, for three reasons:
 * - Listeners that are added later miss an event, and one of them may be the one that connects. Here they are asked, too.
 * - An event removes `once()` listeners. Then the application's first operation throws "no connect listener set". Here they stay
 *   until the transport is connected.
 * - An event is never answered if its listener throws or rejects. Here that is an answer, and the application's next operation asks
 *   again.
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

  /** Asks no further listener: there is an answer, or an operation of the application waits for it as for its own. */
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
      // The event comes before the listener is added.
      queueMicrotask(() => this.#askAll());
    }
  };

  #askAll(): void {
    for (const listener of this.#emitter.rawListeners('connect')) {
      if (this.#asking && !this.#asked.has(listener)) {
        this.#asked.add(listener);

        // As in an event, a listener that throws keeps it from the later ones.
        if (!this.#ask(listener)) {
          return;
        }
      }
    }
  }

  /** @returns false if the listener threw */
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
          // For the application it stays an unhandled rejection.
          throw error;
        });
      }

      return true;
    } catch {
      // The application's own operation will call the same listener, and mediasoup-client will log the error.
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

/** Parameters that notice whether they were read. Once read, they are a plain object. */
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

      // The fingerprints, because no server can be connected without them.
      Object.defineProperty(copy, 'fingerprints', {
        configurable: true,
        enumerable: true,
        get: () => become(fingerprints),
        set: become,
      });
    });
  }
}
