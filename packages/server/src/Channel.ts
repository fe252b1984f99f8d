import { CHANNEL_LABEL, STREAM_OPTIONS } from '@mediasoup-heartbeat/protocol';
import type { DataConsumer, DataProducer, Router } from 'mediasoup/types';
import type { HeartbeatTransport } from './Heartbeat.ts';
import { Hub } from './Hub.ts';
import { hideFrom, ownAppData } from './hide.ts';

/**
 * The way to the peer, by a lifetime: nothing is sent again after a ms. To usrsctp, which mediasoup 3.19 has, no
 * retransmissions would mean any number of them. [HB-CHN-1]
 */
const OUTWARD = { ordered: false, maxPacketLifeTime: 1 } as const;

/**
 * One SCTP stream of a transport, both ways: a DataConsumer towards the peer, and once the peer has accepted a
 * DataProducer for what comes back. The Router's {@link Hub} takes both to Node.
 */
export class Channel {
  readonly #transport: HeartbeatTransport;
  readonly #hub: Hub;
  readonly #out: DataConsumer;
  #back: DataProducer | undefined;
  #closed = false;

  private constructor(transport: HeartbeatTransport, hub: Hub, out: DataConsumer) {
    this.#transport = transport;
    this.#hub = hub;
    this.#out = out;
  }

  /** Opens the way to the peer. */
  static async open(transport: HeartbeatTransport, router: Router): Promise<Channel> {
    const hub = await Hub.of(router);

    try {
      const out = await hideFrom(transport.observer, () =>
        transport.consumeData({ dataProducerId: hub.sourceId, ...OUTWARD, appData: ownAppData() }),
      );

      return new Channel(transport, hub, out);
    } catch (error) {
      hub.release();
      throw error;
    }
  }

  /** Ours to read, not to choose: 0 where the heartbeat is the first to consume data. */
  get streamId(): number {
    return this.#out.sctpStreamParameters?.streamId ?? 0;
  }

  /**
   * Opens the way back. Not before the peer has accepted: one without the heartbeat uses this stream id for its own data.
   * What fails, or is closed meanwhile, leaves nothing on the transport.
   *
   * @throws what mediasoup throws: the transport or its Worker is gone, or the stream id is in use.
   */
  async openWayBack(onMessage: (message: Buffer) => void): Promise<void> {
    const back = await hideFrom(this.#transport.observer, () =>
      this.#transport.produceData({
        sctpStreamParameters: { streamId: this.streamId, ...STREAM_OPTIONS },
        label: CHANNEL_LABEL,
        appData: ownAppData(),
      }),
    );

    this.#back = back;

    // While it was being opened, and with nothing to close yet; the hub has been given back.
    if (this.#closed) {
      this.#closeWayBack();

      return;
    }

    try {
      const arrivals = await this.#hub.receive(back);

      arrivals.on('message', onMessage);
    } catch (error) {
      this.#closeWayBack();
      throw error;
    }
  }

  /** Whether the application produces data on the heartbeat's stream, so that there is no way back. */
  async isTaken(): Promise<boolean> {
    const { sctpListener } = await this.#transport.dump();

    return sctpListener?.streamIdTable.some(({ key }) => key === this.streamId) ?? false;
  }

  /** Sends a message, or drops it. */
  send(frame: Uint8Array): void {
    const message = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);

    // Rejects when SCTP is full, closed or gone, which its own events say better; the protocol bears loss.
    this.#out.send(message).catch(() => {});
  }

  /**
   * Stops the flood of a hostile peer in the worker, where it costs Node nothing. Paused, not closed: the
   * worker would log each message that comes on a stream without a DataProducer.
   */
  silence(): void {
    this.#back?.pause().catch(() => {
      // The transport or its Worker is gone, and the flood with it.
    });
  }

  /** Takes everything off the transport. */
  close(): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;
    this.#closeWayBack();

    if (!this.#out.closed) {
      this.#out.close();
    }

    this.#hub.release();
  }

  /** Closing the DataProducer closes its DataConsumer in the hub, too. */
  #closeWayBack(): void {
    if (this.#back?.closed === false) {
      this.#back.close();
    }
  }
}
