import type { DataConsumer, DataProducer, DirectTransport, Router } from 'mediasoup/types';
import { hideFrom, ownAppData } from './hide.ts';

/** The mediasoup objects of a bridge. */
type BridgeObjects = { direct: DirectTransport; source: DataProducer };

/** How many subchannels mediasoup has: more than a Router has ports for transports. */
const SUBCHANNELS = 65_536;

const bridges = new WeakMap<Router, RouterBridge>();

/**
 * The bridge between Node and the SCTP streams of a Router, shared by all of its heartbeats: one DirectTransport with one
 * DataProducer. Every heartbeat's DataConsumer consumes that DataProducer. It sends only goodbyes. Pings are written to each
 * DataConsumer directly, because each peer gets its own.
 */
export class RouterBridge {
  readonly #router: Router;
  readonly #opening: Promise<BridgeObjects>;
  #objects: BridgeObjects | undefined;
  /** How many heartbeats use it or wait for it. */
  #users = 0;
  readonly #subchannels = new Set<number>();
  #nextSubchannel = -1;

  private constructor(router: Router) {
    this.#router = router;
    this.#opening = openBridge(router);
  }

  /**
   * The bridge of a Router. The first call opens it. Each caller gives it back by {@link release}.
   *
   * @throws what mediasoup throws: the Router or its Worker is gone. The next call opens a new bridge.
   */
  static async of(router: Router): Promise<RouterBridge> {
    let bridge = bridges.get(router);

    if (bridge === undefined) {
      bridge = new RouterBridge(router);
      bridges.set(router, bridge);
    }

    bridge.#users++;

    try {
      bridge.#objects = await bridge.#opening;
    } catch (error) {
      bridge.#forget();
      throw error;
    }

    return bridge;
  }

  /** Whether its Router is closed, and has closed everything of it. */
  get isClosed(): boolean {
    return this.#router.closed;
  }

  /** The DataProducer that heartbeats consume to get a DataConsumer of their own. */
  get sourceId(): string {
    return (this.#objects as BridgeObjects).source.id;
  }

  /**
   * A DataProducer for one DataConsumer, instead of a subchannel: a PipeTransport adds subchannels to the message, so that nobody in the
   * other Router would get it.
   */
  async openSource(): Promise<DataProducer> {
    const { direct } = this.#objects as BridgeObjects;

    return direct.produceData({ appData: ownAppData() });
  }

  /** Brings the messages of a peer to Node. */
  async receive(dataProducer: DataProducer): Promise<DataConsumer> {
    const { direct } = this.#objects as BridgeObjects;

    return direct.consumeData({ dataProducerId: dataProducer.id, appData: ownAppData() });
  }

  /** A number for {@link send}: it reaches only the DataConsumer whose only subchannel this is. */
  takeSubchannel(): number {
    for (;;) {
      this.#nextSubchannel = (this.#nextSubchannel + 1) % SUBCHANNELS;

      if (!this.#subchannels.has(this.#nextSubchannel)) {
        this.#subchannels.add(this.#nextSubchannel);

        return this.#nextSubchannel;
      }
    }
  }

  /** Gives the number back. */
  giveSubchannel(subchannel: number): void {
    this.#subchannels.delete(subchannel);
  }

  /**
   * Sends a message to the DataConsumer with that subchannel, or to the one of a DataProducer of its own. It is a notification: the worker
   * does not answer it.
   */
  send(frame: Uint8Array, to: number | DataProducer): void {
    const { source } = this.#objects as BridgeObjects;
    const message = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);

    try {
      if (typeof to === 'number') {
        source.send(message, undefined, [to], to);
      } else {
        to.send(message);
      }
    } catch {
      // The Worker has just gone.
    }
  }

  /** Gives the bridge back. A bridge that nobody uses is closed soon. */
  release(): void {
    this.#users--;

    // Not now: if the application closes the Worker next, a request to it would fail with a line in the log.
    setImmediate(() => {
      if (this.#users === 0) {
        this.#forget();
        closeIn(this.#router, this.#objects?.direct);
      }
    });
  }

  #forget(): void {
    // A new bridge may have taken its place.
    if (bridges.get(this.#router) === this) {
      bridges.delete(this.#router);
    }
  }
}

async function openBridge(router: Router): Promise<BridgeObjects> {
  const direct = await hideFrom(router.observer, () =>
    router.createDirectTransport({ appData: ownAppData() }),
  );

  try {
    // A request to a closed Router would be an error in mediasoup's log.
    if (router.closed) {
      throw new Error('the Router is closed');
    }

    return { direct, source: await direct.produceData({ appData: ownAppData() }) };
  } catch (error) {
    closeIn(router, direct);
    throw error;
  }
}

/** Closes a bridge, unless its Router is closed and has closed it. */
function closeIn(router: Router, direct: DirectTransport | undefined): void {
  if (!router.closed) {
    direct?.close();
  }
}
