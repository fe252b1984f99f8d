import { CHANNEL_LABEL, STREAM_OPTIONS } from '@mediasoup-heartbeat/protocol';
import type { DataConsumer, DataProducer, Router } from 'mediasoup/types';
import { type HeartbeatTransport, observerOf } from './HeartbeatTransport.ts';
import { hideFrom, ownAppData } from './hide.ts';
import { droppedLog, negotiationLog } from './logs.ts';
import { Outbox } from './Outbox.ts';
import { RouterBridge } from './RouterBridge.ts';
import { mediasoupOf } from './RouterRegistry.ts';
import { StreamReservation, StreamTakenError } from './StreamReservation.ts';

/**
 * Lifetimes of what is sent to the peer, in ms. Nothing is sent a second time. [HB-CHN-1] mediasoup's own SCTP never does that
 * if there is a lifetime, which then only bounds the wait behind the application's data. A ping that is dropped here would
 * count against the peer. In usrsctp, which mediasoup 3.19 has, the lifetime bounds retransmissions.
 */
const LIFETIME = { own: 60_000, usrsctp: 1 };

/** Channels that closed heartbeats had to leave on their transports. The transport's next heartbeat takes them over. */
const leftovers = new WeakMap<HeartbeatTransport, Channel>();

/**
 * One SCTP stream of a transport, in both directions: a DataConsumer sends to the peer, and a DataProducer receives from it
 * (the return stream). The {@link RouterBridge} connects both with Node.
 *
 * Until the peer has accepted, the stream may belong to the application. So only its id is reserved, and nothing is sent,
 * produced or closed on it. [HB-NEG-7]
 */
export class Channel {
  readonly #transport: HeartbeatTransport;
  readonly #bridge: RouterBridge;
  readonly #stream: StreamReservation;
  /** The subchannel of this DataConsumer, or the DataProducer of its own: what the bridge sends on it reaches no other one. */
  readonly #source: number | DataProducer;
  #hasBridge = true;
  #opening: Promise<void> | undefined;
  #out: DataConsumer | undefined;
  #outbox: Outbox | undefined;
  #returnStream: DataProducer | undefined;
  #onMessage: ((message: Buffer) => void) | undefined;
  #onGone: (() => void) | undefined;
  #closed = false;
  #wasLeft = false;

  private constructor(
    transport: HeartbeatTransport,
    bridge: RouterBridge,
    stream: StreamReservation,
    source: number | DataProducer,
  ) {
    this.#transport = transport;
    this.#bridge = bridge;
    this.#stream = stream;
    this.#source = source;
  }

  /**
   * Reserves a stream.
   *
   * @param atOnce - Whether to open the stream to the peer at once, because the application vouches for the peer.
   * @throws what mediasoup throws: the transport, the Router or the Worker is gone, or no stream id is free.
   */
  static async reserve(transport: HeartbeatTransport, router: Router, atOnce: boolean): Promise<Channel> {
    const leftover = leftovers.get(transport);

    if (leftover !== undefined && (await leftover.#takeOver())) {
      negotiationLog('%s stream %d taken over from the heartbeat before', transport.id, leftover.streamId);

      return leftover;
    }

    // The method as it is now: a wrapper that the application adds later must not see the heartbeat's call.
    const consumeData = transport.consumeData.bind(transport);
    const stream = new StreamReservation(transport);
    const bridge = await RouterBridge.of(router).catch(error => {
      stream.end();
      throw error;
    });
    const source = await sourceFor(transport, bridge).catch(error => {
      stream.end();
      bridge.release();
      throw error;
    });
    const lifetime = mediasoupOf(transport).startsWith('3.19.') ? LIFETIME.usrsctp : LIFETIME.own;
    const create = () =>
      consumeData({
        ...(typeof source === 'number'
          ? { dataProducerId: bridge.sourceId, subchannels: [source] }
          : { dataProducerId: source.id }),
        ordered: false,
        maxPacketLifeTime: lifetime,
        appData: ownAppData(),
      });
    const channel = new Channel(transport, bridge, stream, source);

    try {
      await stream.reserve(create, atOnce);
    } catch (error) {
      channel.close(false);
      throw error;
    }

    negotiationLog('%s stream %d reserved', transport.id, channel.streamId);

    return channel;
  }

  /** The stream's id. mediasoup chooses it: 0 if the heartbeat is the first to consume data. */
  get streamId(): number {
    return this.#stream.id;
  }

  /**
   * Opens both directions when the peer has accepted. Call it once.
   *
   * @param onMessage - A message came from the peer.
   * @param onGone - The peer has closed its channel, so nothing can be sent any more.
   * @throws StreamTakenError if the application uses the stream.
   * @throws what mediasoup throws: the transport or its Worker is gone, or it refuses.
   */
  async open(onMessage: (message: Buffer) => void, onGone: () => void): Promise<void> {
    this.#onMessage = onMessage;
    this.#onGone = onGone;
    this.#opening = this.#open();

    await this.#opening;
  }

  /** The peer runs no heartbeat: the application may have the stream id. */
  declined(): void {
    negotiationLog('%s stream %d released to the application', this.#transport.id, this.streamId);
    this.#stream.release();
  }

  /**
   * Whether frames wait here, because the send buffer is full, or for SCTP in the worker.
   *
   * @param isQueueing - Whether the path has a queue. Without one nothing waits in the worker, which need not be asked.
   */
  async isWaiting(isQueueing: boolean): Promise<boolean> {
    if (this.#outbox === undefined || this.#outbox.refused > 0 || !isQueueing) {
      return this.#outbox !== undefined && this.#outbox.refused > 0;
    } else if (this.#reachable === undefined) {
      return false;
    }

    // A worker that has dropped the DataConsumer would write to its log that it does not find it.
    const { dataConsumerIds } = await this.#transport.dump();
    const out = this.#reachable;

    if (out !== undefined && !dataConsumerIds.includes(out.id)) {
      this.#gone();

      return false;
    }

    // In mediasoup 3.19 the bytes of the whole association.
    return out !== undefined && (await out.getBufferedAmount()) > 0;
  }

  /** Sends a message when its turn comes, or drops it. */
  send(frame: Uint8Array): void {
    // The worker would not find the DataConsumer, and would log that.
    if (this.#transport.closed || this.#outbox === undefined) {
      this.#dropped('the channel is closed');
    } else {
      // In Node, msgpackr returns a Buffer.
      this.#outbox.send(
        Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength),
      );
    }
  }

  /**
   * Sends a message before the transport is closed. Unlike {@link send} it is a notification. So mediasoup logs no line if the
   * association or the DataConsumer has just gone, and nothing waits for a Worker that is closed next.
   */
  sendLast(frame: Uint8Array): void {
    if (this.#out !== undefined && !this.#isOver) {
      this.#bridge.send(frame, this.#source);
    } else {
      this.#dropped('the channel is closed');
    }
  }

  /**
   * Stops the flood of a hostile peer in the worker, at no cost for Node. The DataProducer is paused and not closed: the worker
   * would log each message on a stream without a DataProducer.
   */
  silence(): void {
    this.#returnStream?.pause().catch(() => {
      // The transport or its Worker is gone, and the flood with it.
    });
  }

  /**
   * Removes everything from the transport, which resets the stream. If the stream may be the application's, everything stays on
   * the transport, idle, until the transport is closed or gets another heartbeat.
   *
   * @param ours - Whether the client side has its channel on the stream.
   */
  close(ours: boolean): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;
    this.#outbox?.close();
    this.#onMessage = undefined;
    this.#onGone = undefined;
    this.#stream.end();

    const finish = () => this.#finish(ours);

    if (this.#opening === undefined || this.#out !== undefined) {
      finish();
    } else {
      this.#opening.then(finish, finish);
    }
  }

  async #open(): Promise<void> {
    // If the stream is taken, produceData() would fail with a line in mediasoup's log.
    if (this.#returnStream === undefined && (await this.#stream.isTaken())) {
      negotiationLog('%s stream %d is taken by the application', this.#transport.id, this.streamId);
      throw new StreamTakenError(this.streamId);
    } else if (this.#isOver) {
      return;
    }

    const [out] = await Promise.all([this.#stream.open(), this.#openReturnStream()]);

    this.#out = out;
    this.#outbox = new Outbox(
      out,
      error => this.#mayRetry(error),
      cause => this.#dropped(cause),
    );
    negotiationLog('%s channel open on stream %d', this.#transport.id, this.streamId);
  }

  #dropped(cause: string): void {
    droppedLog('%s not sent: %s', this.#transport.id, cause);
  }

  async #openReturnStream(): Promise<void> {
    if (this.#returnStream !== undefined) {
      return;
    }

    this.#returnStream = await hideFrom(this.#transport.observer, () =>
      this.#transport.produceData({
        sctpStreamParameters: { streamId: this.streamId, ...STREAM_OPTIONS },
        label: CHANNEL_LABEL,
        appData: ownAppData(),
      }),
    );

    if (!this.#isOver) {
      const arrivals = await this.#bridge.receive(this.#returnStream);

      arrivals.on('message', message => this.#onMessage?.(message));
    }
  }

  /** Whether the channel or its transport is closed. */
  get #isOver(): boolean {
    return this.#closed || this.#transport.closed;
  }

  /** The DataConsumer, while it can send. */
  get #reachable(): DataConsumer | undefined {
    return this.#isOver || this.#transport.sctpState !== 'connected' ? undefined : this.#out;
  }

  /** Whether SCTP may take later what it has refused: its send buffer was full. */
  #mayRetry(error: Error): boolean {
    // A worker drops the DataConsumer when the peer closes its channel, and tells nobody.
    if (/ not found /.test(error.message)) {
      this.#gone();
    }

    return this.#outbox !== undefined && !this.#isOver && this.#transport.sctpState === 'connected';
  }

  #gone(): void {
    const tell = this.#onGone;

    this.#out = undefined;
    this.#outbox?.close();
    this.#outbox = undefined;
    this.#onGone = undefined;
    tell?.();
  }

  #finish(ours: boolean): void {
    if (this.#transport.closed || !this.#stream.opened) {
      negotiationLog('%s channel gone with its transport, or never opened', this.#transport.id);
      this.#releaseBridge();
    } else if (ours && this.#transport.sctpState === 'connected') {
      negotiationLog('%s channel closed', this.#transport.id);
      // First the DataConsumer: the worker drops it when the client resets its direction of the stream.
      this.#out?.close();
      // This closes its DataConsumer on the bridge, too.
      this.#returnStream?.close();
      this.#releaseBridge();
    } else {
      negotiationLog('%s channel left idle, as the stream may be the application’s', this.#transport.id);
      // The bridge stays open: closing its DataProducer would close the DataConsumer.
      leftovers.set(this.#transport, this);

      if (!this.#wasLeft) {
        this.#wasLeft = true;
        observerOf(this.#transport).once('close', () => this.#closed && this.#releaseBridge());
      }
    }
  }

  /** Opens a left channel again, if the worker still has it. */
  async #takeOver(): Promise<boolean> {
    leftovers.delete(this.#transport);

    const { dataConsumerIds } = await this.#transport.dump();
    const out = await this.#stream.open().catch(() => undefined);

    if (out === undefined || !dataConsumerIds.includes(out.id) || this.#transport.closed) {
      return false;
    }

    this.#stream.resume();
    this.#closed = false;
    this.#opening = undefined;
    this.#out = undefined;
    this.#outbox = undefined;

    return true;
  }

  #releaseBridge(): void {
    if (this.#hasBridge) {
      this.#hasBridge = false;

      if (typeof this.#source === 'number') {
        this.#bridge.giveSubchannel(this.#source);
      } else if (!this.#bridge.isClosed) {
        this.#source.close();
      }

      this.#bridge.release();
    }
  }
}

/** What tells the DataConsumer of this transport from the others of the bridge. */
async function sourceFor(
  transport: HeartbeatTransport,
  bridge: RouterBridge,
): Promise<number | DataProducer> {
  return transport.type === 'pipe' ? bridge.openSource() : bridge.takeSubchannel();
}
