import type { DataConsumer, DataProducer, DirectTransport, Router } from 'mediasoup/types';
import { hideFrom, ownAppData } from './hide.ts';

/** The bridge between Node and SCTP, and what is on it. */
type Bridge = { direct: DirectTransport; source: DataProducer };

const hubs = new WeakMap<Router, Hub>();

/**
 * What all heartbeats of a Router share: one DirectTransport, the bridge between Node and SCTP, and on it one
 * DataProducer that never sends. Every heartbeat's DataConsumer consumes that one and is then written to
 * directly, as each peer gets pings of its own.
 */
export class Hub {
  readonly #router: Router;
  readonly #opening: Promise<Bridge>;
  #bridge: Bridge | undefined;
  /** Who has it, and who waits for it: it is not closed under the latter's feet. */
  #holders = 0;

  private constructor(router: Router) {
    this.#router = router;
    this.#opening = openBridge(router);
  }

  /**
   * The Hub of a Router, opened for the first who asks. To be given back by {@link release}.
   *
   * @throws what mediasoup throws: the Router or its Worker is gone. The next who asks has a new one opened.
   */
  static async of(router: Router): Promise<Hub> {
    let hub = hubs.get(router);

    if (hub === undefined) {
      hub = new Hub(router);
      hubs.set(router, hub);
    }

    hub.#holders++;

    try {
      hub.#bridge = await hub.#opening;
    } catch (error) {
      hub.#forget();
      throw error;
    }

    return hub;
  }

  /** The DataProducer that heartbeats consume to get a DataConsumer of their own. */
  get sourceId(): string {
    return (this.#bridge as Bridge).source.id;
  }

  /** Brings what a peer sends to Node. */
  async receive(dataProducer: DataProducer): Promise<DataConsumer> {
    const { direct } = this.#bridge as Bridge;

    return direct.consumeData({ dataProducerId: dataProducer.id, appData: ownAppData() });
  }

  /** Gives the Hub back. The last one closes it. */
  release(): void {
    if (--this.#holders === 0) {
      this.#forget();
      this.#bridge?.direct.close();
    }
  }

  #forget(): void {
    // Another one may have taken its place.
    if (hubs.get(this.#router) === this) {
      hubs.delete(this.#router);
    }
  }
}

async function openBridge(router: Router): Promise<Bridge> {
  const direct = await hideFrom(router.observer, () =>
    router.createDirectTransport({ appData: ownAppData() }),
  );

  try {
    return { direct, source: await direct.produceData({ appData: ownAppData() }) };
  } catch (error) {
    direct.close();
    throw error;
  }
}
