import { EventEmitter } from 'node:events';
import type { TransportHeartbeat } from '@mediasoup-heartbeat/client';
import type { Heartbeat, HeartbeatOptions, StateChange } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import type { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from './events.ts';
import { overTheWire } from './overTheWire.ts';
import { openRelayed, type Relayed } from './relayed.ts';

/** Bytes of a message of the application. */
const MESSAGE = 16 * 1024;

/** How often the application looks whether it may send more, in ms. */
const LOOK_EVERY = 10;

/** Pings by which both halves know the link before it is saturated. */
const KNOWN_AFTER = 3;

/** What a transfer is made of. */
export type BulkOptions = {
  /** As the client sees it. */
  direction: 'download' | 'upload';
  preset?: NonNullable<HeartbeatOptions['preset']>;
  /** The rate of the link, in bits per second. Default 2 Mbit/s. */
  rate?: number;
  /** What may wait on the link, in bytes: by far the most of the round trip. Default 64 kB. */
  queue?: number;
  /** What the application keeps in the send buffer, in bytes. Default 128 kB down, 4 MB up. */
  buffered?: number;
};

type Half = 'server' | 'client';

/**
 * An application that sends as fast as it can over its own data channel, on a slow link, on the transport that the
 * heartbeat watches.
 */
export class BulkTransfer extends EventEmitter<{ progress: [] }> {
  readonly transport: server.WebRtcTransport;
  readonly relay: UdpRelay;
  readonly server: Heartbeat;
  readonly client: TransportHeartbeat;
  /** What each half has said since the transfer began, as "state: reason". */
  readonly said: Record<Half, string[]> = { server: [], client: [] };
  /** The longest that each half has suspected, or buried, the other so far, in ms. */
  readonly suspicion: Record<Half, number> = { server: 0, client: 0 };
  /** The round trips of the pings that were answered since the transfer began, by their number. */
  readonly answers = new Map<number, number>();
  /** Bytes that have arrived. */
  moved = 0;
  readonly #made: Relayed;
  readonly #direct: server.DirectTransport;
  readonly #options: BulkOptions;
  #timer: NodeJS.Timeout | undefined;
  #filling: Promise<void> | void = undefined;

  private constructor(made: Relayed, direct: server.DirectTransport, options: BulkOptions) {
    super();
    this.#made = made;
    this.#direct = direct;
    this.#options = options;
    this.transport = made.transport;
    this.relay = made.relay;
    this.server = made.heartbeat;
    this.client = made.device.transports.get(made.peer.id) as TransportHeartbeat;
  }

  /** Comes back when both halves are alive, and know the link. The transfer is yet to begin. */
  static async open(router: server.Router, options: BulkOptions): Promise<BulkTransfer> {
    const { direction, preset = 'balanced' } = options;
    const made = await openRelayed(router, {
      direction: direction === 'download' ? 'recv' : 'send',
      serverOptions: { preset },
      clientOptions: { preset },
    });

    made.peer.on('connect', (parameters, callback, errback) => {
      made.transport.connect(overTheWire(parameters)).then(callback, errback);
    });

    const transfer = new BulkTransfer(made, await router.createDirectTransport(), options);

    await Promise.all([untilState(transfer.server, 'alive'), untilState(transfer.client, 'alive')]);
    await until(transfer.client, 'sample', () => transfer.client.stats.received >= KNOWN_AFTER);

    return transfer;
  }

  /** Begins to send, without end. */
  async begin(): Promise<void> {
    const { direction, rate = 2_000_000, queue = 65_536 } = this.#options;
    const fill = direction === 'download' ? await this.#download() : await this.#upload();

    this.#watch('server', this.server);
    this.#watch('client', this.client);
    this.server.on('sample', ({ seq, rtt }) => this.answers.set(seq, rtt));
    this.relay.impair({ rate, queue, delay: 20 });
    this.#timer = setInterval(() => {
      this.#filling = fill();
    }, LOOK_EVERY);
  }

  /** Waits until so many bytes have arrived. */
  async untilMoved(bytes: number): Promise<void> {
    await until(this, 'progress', () => this.moved >= bytes);
  }

  /** The share of the pings from that number on, and before the other, that have been answered so far. */
  answered(from: number, to: number): number {
    const answered = [...this.answers.keys()].filter(seq => seq >= from && seq < to).length;

    return answered / (to - from);
  }

  /** Ends the transfer at both ends, when nothing of the application is on its way to the worker any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#filling;
    this.#made.peer.close();
    this.transport.close();
    this.#direct.close();
    this.relay.close();
    this.#made.device.close();
  }

  async #download(): Promise<() => Promise<void>> {
    const { buffered = 128_000 } = this.#options;
    const { peer } = this.#made;
    const source = await this.#direct.produceData();
    const consumer = await this.transport.consumeData({ dataProducerId: source.id });
    const sink = await peer.consumeData({
      id: consumer.id,
      dataProducerId: source.id,
      sctpStreamParameters: overTheWire(consumer.sctpStreamParameters) as client.SctpStreamParameters,
    });
    const message = Buffer.alloc(MESSAGE, 1);
    let filling: Promise<void> | undefined;

    await opened(sink);
    sink.on('message', ({ byteLength }: ArrayBuffer) => this.#arrived(byteLength));

    const fill = async () => {
      let left = buffered - (await consumer.getBufferedAmount());

      while (left >= MESSAGE && this.#timer !== undefined) {
        // Refused when the send buffer is full.
        left = await consumer.send(message).then(
          () => left - MESSAGE,
          () => 0,
        );
      }

      filling = undefined;
    };

    return () => (filling ??= fill());
  }

  async #upload(): Promise<() => void> {
    const { buffered = 4_000_000 } = this.#options;
    const { peer } = this.#made;

    peer.on('producedata', ({ sctpStreamParameters }, callback, errback) => {
      this.transport
        .produceData({
          sctpStreamParameters: overTheWire(sctpStreamParameters) as server.SctpStreamParameters,
        })
        .then(async producer => {
          const sink = await this.#direct.consumeData({ dataProducerId: producer.id });

          sink.on('message', ({ length }) => this.#arrived(length));
          callback({ id: producer.id });
        })
        .catch(errback);
    });

    const producer = await peer.produceData();
    const message = Buffer.alloc(MESSAGE, 1);

    await opened(producer);

    return () => {
      while (!producer.closed && producer.bufferedAmount + MESSAGE <= buffered) {
        producer.send(message);
      }
    };
  }

  #arrived(bytes: number): void {
    this.moved += bytes;
    this.emit('progress');
  }

  #watch(half: Half, heartbeat: Heartbeat | TransportHeartbeat): void {
    let since: number | undefined;
    const onChange = ({ state, reason, at }: StateChange) => {
      if (state === 'closed') {
        return;
      }

      this.said[half].push(`${state}: ${reason}`);

      if (state === 'alive') {
        this.suspicion[half] = Math.max(this.suspicion[half], at - (since ?? at));
        since = undefined;
      } else {
        since ??= at;
      }
    };

    // Either has it, but not with the same types.
    (heartbeat as Heartbeat).on('statechange', onChange);
    // One that is not over yet counts, too.
    this.on('progress', () => {
      if (since !== undefined) {
        this.suspicion[half] = Math.max(
          this.suspicion[half],
          performance.timeOrigin + performance.now() - since,
        );
      }
    });
  }
}

async function opened(data: client.DataProducer | client.DataConsumer): Promise<void> {
  if (data.readyState !== 'open') {
    await new Promise<void>(resolve => (data as client.DataProducer).once('open', resolve));
  }
}
