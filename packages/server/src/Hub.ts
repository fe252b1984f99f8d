import type { DataConsumer, DataProducer, DirectTransport, Router } from 'mediasoup/types';
import { hideFrom, ownAppData } from './hide.ts';

const hubs = new WeakMap<Router, Promise<Hub>>();

/**
 * What all heartbeats of a Router share: one DirectTransport, the bridge between Node and SCTP, and on it one
 * DataProducer that never sends. Every heartbeat's DataConsumer consumes that one and is then written to
 * directly, as each peer gets pings of its own.
 */
export class Hub {
  readonly #router: Router;
  readonly #direct: DirectTransport;
  readonly #source: DataProducer;
  #holders = 0;

  private constructor(router: Router, direct: DirectTransport, source: DataProducer) {
    this.#router = router;
    this.#direct = direct;
    this.#source = source;
  }

  /** The Hub of a Router, opened for the first who asks. To be given back by {@link release}. */
  static async of(router: Router): Promise<Hub> {
    let opening = hubs.get(router);

    if (opening === undefined) {
      opening = Hub.#open(router);
      hubs.set(router, opening);
    }

    try {
      const hub = await opening;

      if (!hub.#direct.closed) {
        hub.#holders++;

        return hub;
      }
    } catch (error) {
      hubs.delete(router);
      throw error;
    }

    // The last holder released it while we waited.
    if (hubs.get(router) === opening) {
      hubs.delete(router);
    }

    return Hub.of(router);
  }

  static async #open(router: Router): Promise<Hub> {
    hideFrom(router.observer);

    const direct = await router.createDirectTransport({ appData: ownAppData() });

    return new Hub(router, direct, await direct.produceData({ appData: ownAppData() }));
  }

  /** The DataProducer that heartbeats consume to get a DataConsumer of their own. */
  get sourceId(): string {
    return this.#source.id;
  }

  /** Brings what a peer sends to Node. */
  async receive(dataProducer: DataProducer): Promise<DataConsumer> {
    return this.#direct.consumeData({ dataProducerId: dataProducer.id, appData: ownAppData() });
  }

  /** Gives the Hub back. The last one closes it. */
  release(): void {
    if (--this.#holders === 0) {
      hubs.delete(this.#router);
      this.#direct.close();
    }
  }
}
