import type { DataConsumer, DataProducer, DirectTransport, Router } from 'mediasoup/types';
import { hideFrom, ownAppData } from './hide.ts';

/**
 * What all heartbeats of a Router share: one DirectTransport, the bridge between Node and SCTP, and on it one
 * DataProducer that never sends. Every heartbeat's DataConsumer consumes that one and is then written to
 * directly, as each peer gets pings of its own.
 */
export class Hub {
  readonly #direct: DirectTransport;
  readonly #source: DataProducer;

  private constructor(direct: DirectTransport, source: DataProducer) {
    this.#direct = direct;
    this.#source = source;
  }

  /** Opens the bridge of a Router. */
  static async open(router: Router): Promise<Hub> {
    hideFrom(router.observer);

    const direct = await router.createDirectTransport({ appData: ownAppData() });

    return new Hub(direct, await direct.produceData({ appData: ownAppData() }));
  }

  /** Whether the bridge is gone, as it is with its Router. */
  get closed(): boolean {
    return this.#direct.closed;
  }

  /** The DataProducer that heartbeats consume to get a DataConsumer of their own. */
  get sourceId(): string {
    return this.#source.id;
  }

  /** Brings what a peer sends to Node. */
  async receive(dataProducer: DataProducer): Promise<DataConsumer> {
    return this.#direct.consumeData({ dataProducerId: dataProducer.id, appData: ownAppData() });
  }

  /** Closes the bridge. */
  close(): void {
    this.#direct.close();
  }
}

type Lease = { hub: Promise<Hub>; holders: number };

const leases = new WeakMap<Router, Lease>();

/** The Hub of a Router, opened for the first who asks. Each call needs a {@link releaseHub}. */
export async function acquireHub(router: Router): Promise<Hub> {
  let lease = leases.get(router);

  if (lease === undefined) {
    lease = { hub: Hub.open(router), holders: 0 };
    leases.set(router, lease);
  }

  lease.holders++;

  try {
    return await lease.hub;
  } catch (error) {
    releaseHub(router);
    throw error;
  }
}

/** Gives the Hub of a Router back. The last one closes it. */
export function releaseHub(router: Router): void {
  const lease = leases.get(router);

  if (lease !== undefined && --lease.holders === 0) {
    leases.delete(router);
    lease.hub.then(
      hub => hub.close(),
      () => {
        // It never opened: whoever asked for it has been told.
      },
    );
  }
}
