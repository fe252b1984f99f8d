import type { DataConsumer, DataProducer, DirectTransport, Router } from 'mediasoup/types';
import { hideFrom, ownAppData } from './hide.ts';

/** The bridge between Node and SCTP, and what is on it. */
type Bridge = { direct: DirectTransport; source: DataProducer };

/** How many subchannels mediasoup has: more than a Router has ports for transports. */
const SUBCHANNELS = 65_536;

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
  readonly #subchannels = new Set<number>();
  #nextSubchannel = -1;

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

  /** A number by which {@link send} reaches one DataConsumer alone, if that has it as its only subchannel. */
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

  /** Sends a message to the DataConsumer with that subchannel: a notification, to which the worker says nothing. */
  send(frame: Uint8Array, subchannel: number): void {
    const { source } = this.#bridge as Bridge;
    const message = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);

    try {
      source.send(message, undefined, [subchannel], subchannel);
    } catch {
      // The Worker has just gone.
    }
  }

  /** Gives the Hub back. Without anybody who has it, it is closed soon. */
  release(): void {
    this.#holders--;

    // Where the application goes on to close the Worker, nothing may be asked of that any more.
    setImmediate(() => {
      if (this.#holders === 0) {
        this.#forget();
        closeIn(this.#router, this.#bridge?.direct);
      }
    });
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
    // Asked for all the same, it would be an error in mediasoup's log.
    if (router.closed) {
      throw new Error('the Router is closed');
    }

    return { direct, source: await direct.produceData({ appData: ownAppData() }) };
  } catch (error) {
    closeIn(router, direct);
    throw error;
  }
}

/** Closes a bridge, unless it goes with its Router. */
function closeIn(router: Router, direct: DirectTransport | undefined): void {
  if (!router.closed) {
    direct?.close();
  }
}
