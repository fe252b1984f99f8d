import { CHANNEL_LABEL, STREAM_OPTIONS } from '@mediasoup-heartbeat/protocol';
import type { EnhancedEventEmitter } from 'mediasoup/extras';
import type { DataConsumer, DataProducer, Router } from 'mediasoup/types';
import type { HeartbeatTransport } from './Heartbeat.ts';
import { Hub } from './Hub.ts';
import { hideFrom, ownAppData } from './hide.ts';
import { Outbox } from './Outbox.ts';
import { mediasoupOf } from './RouterRegistry.ts';
import { StreamReservation, StreamTakenError } from './StreamReservation.ts';

/**
 * Lifetimes of what is sent to the peer, in ms. Nothing is sent a second time. [HB-CHN-1] mediasoup's own SCTP never does
 * that if there is a lifetime, which then only bounds the wait behind the application's data. A ping that is dropped here
 * would be held against the peer. In usrsctp, which mediasoup 3.19 has, the lifetime bounds retransmissions.
 */
const LIFETIME = { own: 60_000, usrsctp: 1 };

/** Channels that closed heartbeats had to leave on their transports. The next heartbeat takes them over. */
const leftovers = new WeakMap<HeartbeatTransport, Channel>();

/**
 * One SCTP stream of a transport, both ways: a DataConsumer towards the peer, and a DataProducer for what comes back.
 * The Router's {@link Hub} takes both to Node.
 *
 * Until the peer has accepted, the stream may be the application's own: its id is reserved, and nothing is sent,
 * produced or closed on it. [HB-NEG-7]
 */
export class Channel {
  readonly #transport: HeartbeatTransport;
  readonly #hub: Hub;
  readonly #stream: StreamReservation;
  /** By which the hub's DataProducer reaches this DataConsumer alone. */
  readonly #subchannel: number;
  #holdsHub = true;
  #opening: Promise<void> | undefined;
  #out: DataConsumer | undefined;
  #outbox: Outbox | undefined;
  #back: DataProducer | undefined;
  #onMessage: ((message: Buffer) => void) | undefined;
  #onGone: (() => void) | undefined;
  #closed = false;
  #wasLeft = false;

  private constructor(
    transport: HeartbeatTransport,
    hub: Hub,
    stream: StreamReservation,
    subchannel: number,
  ) {
    this.#transport = transport;
    this.#hub = hub;
    this.#stream = stream;
    this.#subchannel = subchannel;
  }

  /**
   * Reserves a stream.
   *
   * @param atOnce - Whether the stream towards the peer is wanted at once: the application vouches for the peer.
   * @throws what mediasoup throws: the transport, the Router or the Worker is gone, or no stream id is free.
   */
  static async reserve(transport: HeartbeatTransport, router: Router, atOnce: boolean): Promise<Channel> {
    const leftover = leftovers.get(transport);

    if (leftover !== undefined && (await leftover.#takeOver())) {
      return leftover;
    }

    // As it is now: the application's own wrap of it, if it puts one around it later, has nothing to do with ours.
    const consumeData = transport.consumeData.bind(transport);
    const stream = new StreamReservation(transport);
    const hub = await Hub.of(router).catch(error => {
      stream.end();
      throw error;
    });
    const subchannel = hub.takeSubchannel();
    const lifetime = mediasoupOf(transport).startsWith('3.19.') ? LIFETIME.usrsctp : LIFETIME.own;
    const create = () =>
      consumeData({
        dataProducerId: hub.sourceId,
        ordered: false,
        maxPacketLifeTime: lifetime,
        subchannels: [subchannel],
        appData: ownAppData(),
      });
    const channel = new Channel(transport, hub, stream, subchannel);

    try {
      await stream.reserve(create, atOnce);
    } catch (error) {
      channel.close(false);
      throw error;
    }

    return channel;
  }

  /** Ours to read, not to choose: 0 where the heartbeat is the first to consume data. */
  get streamId(): number {
    return this.#stream.id;
  }

  /**
   * Opens both ways, as the peer has accepted. Once only.
   *
   * @param onMessage - Something came from the peer.
   * @param onGone - The peer has closed its channel, so that nothing can be sent any more.
   * @throws StreamTakenError where the stream is the application's.
   * @throws what mediasoup throws: the transport or its Worker is gone, or it refuses.
   */
  async open(onMessage: (message: Buffer) => void, onGone: () => void): Promise<void> {
    this.#onMessage = onMessage;
    this.#onGone = onGone;
    this.#opening = this.#open();

    await this.#opening;
  }

  /** The peer has no other half: the application may have the stream id. */
  declined(): void {
    this.#stream.release();
  }

  /** Sends a message when its turn comes, or drops it. */
  send(frame: Uint8Array): void {
    // The worker would not find the DataConsumer, and write that to the log.
    if (this.#transport.closed) {
      return;
    }

    this.#outbox?.send(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
  }

  /** How many bytes the worker has refused so far: its send buffer is full. */
  get refused(): number {
    return this.#outbox?.refused ?? 0;
  }

  /** How many bytes still wait, for SCTP or for the worker. */
  async buffered(): Promise<number> {
    return this.#transport.closed ? 0 : (this.#outbox?.buffered() ?? 0);
  }

  /**
   * Sends a message of which nobody will know whether it was sent: unlike {@link send}, it fails without a line in
   * mediasoup's log where the association or the DataConsumer has just gone, and nothing waits for an answer of a Worker
   * that is closed next.
   */
  sendLast(frame: Uint8Array): void {
    if (this.#out !== undefined && !this.#isOver) {
      this.#hub.send(frame, this.#subchannel);
    }
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

  /**
   * Takes everything off the transport, which resets the stream. Where the stream is not ours to reset, everything
   * stays on the transport instead, idle, until the transport is closed or gets another heartbeat.
   *
   * @param ours - Whether the other half has its channel on the stream.
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
    // Producing without asking would write to mediasoup's log.
    if (this.#back === undefined && (await this.#stream.isTaken())) {
      throw new StreamTakenError(this.streamId);
    } else if (this.#isOver) {
      return;
    }

    const [out] = await Promise.all([this.#stream.open(), this.#openWayBack()]);

    this.#out = out;
    this.#outbox = new Outbox(out, error => this.#mayRetry(error));
  }

  async #openWayBack(): Promise<void> {
    if (this.#back !== undefined) {
      return;
    }

    this.#back = await hideFrom(this.#transport.observer, () =>
      this.#transport.produceData({
        sctpStreamParameters: { streamId: this.streamId, ...STREAM_OPTIONS },
        label: CHANNEL_LABEL,
        appData: ownAppData(),
      }),
    );

    if (!this.#isOver) {
      const arrivals = await this.#hub.receive(this.#back);

      arrivals.on('message', message => this.#onMessage?.(message));
    }
  }

  /** Whether there is nobody left to open for. */
  get #isOver(): boolean {
    return this.#closed || this.#transport.closed;
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
      this.#releaseHub();
    } else if (ours && this.#transport.sctpState === 'connected') {
      // First the DataConsumer: the worker drops it when the client resets the stream in turn.
      this.#out?.close();
      // With its DataConsumer in the hub.
      this.#back?.close();
      this.#releaseHub();
    } else {
      // The hub's DataProducer would take the DataConsumer along.
      leftovers.set(this.#transport, this);

      if (!this.#wasLeft) {
        this.#wasLeft = true;
        onceClosed(this.#transport, () => this.#closed && this.#releaseHub());
      }
    }
  }

  /** Makes a channel of what was left, if the worker still has it. */
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

  #releaseHub(): void {
    if (this.#holdsHub) {
      this.#holdsHub = false;
      this.#hub.giveSubchannel(this.#subchannel);
      this.#hub.release();
    }
  }
}

function onceClosed({ observer }: HeartbeatTransport, listener: () => void): void {
  // biome-ignore lint/suspicious/noExplicitAny: the three types of transport have observers of their own
  (observer as EnhancedEventEmitter<any>).once('close', listener);
}
