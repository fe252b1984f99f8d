import { before, listen, type Undo } from '@mediasoup-heartbeat/protocol';
import type { DataConsumer, DataProducer } from 'mediasoup/types';
import { untouched } from './dataConsumers.ts';
import { type HeartbeatTransport, observerOf } from './HeartbeatTransport.ts';
import { hideFrom } from './hide.ts';
import { negotiationLog } from './logs.ts';

/** The application uses the stream id that was advertised. */
export class StreamTakenError extends Error {
  constructor(streamId: number) {
    super(`SCTP stream ${streamId} of this transport is in use by the application.`);
  }
}

/**
 * The stream to the peer. Its id goes to the client with the transport's parameters, before the server knows whether the client
 * runs the heartbeat. Until then the id is only reserved, and no DataConsumer exists:
 *
 * - closing a DataConsumer resets its stream, which may be the application's;
 * - a transport with a DataConsumer starts SCTP, which fails for good if the client opens no data channel for minutes.
 *
 * A transport's first DataConsumer has id 0. If the application consumes data meanwhile, the heartbeat's DataConsumer is created
 * just before the application's. If it has consumed data already, the heartbeat's DataConsumer is created at once.
 */
export class StreamReservation {
  readonly #transport: HeartbeatTransport;
  readonly #undos: Undo[];
  #create: (() => Promise<DataConsumer>) | undefined;
  #reserved = true;
  #out: Promise<DataConsumer> | undefined;
  #id: number | undefined;
  /** Whether the application may produce data on the stream. */
  #mayBeTaken = false;

  /** Follows from now on whether the application consumes or produces data. */
  constructor(transport: HeartbeatTransport) {
    this.#transport = transport;
    this.#undos = [
      before(transport, 'consumeData', () => this.#onConsumeData()),
      listen(observerOf(transport), 'newdataproducer', ({ sctpStreamParameters }: DataProducer) => {
        this.#mayBeTaken ||= sctpStreamParameters?.streamId === this.#id || this.#id === undefined;
      }),
    ];
  }

  /** The stream id. */
  get id(): number {
    return this.#id as number;
  }

  /** Whether the DataConsumer has been created, or is being created. */
  get opened(): boolean {
    return this.#out !== undefined;
  }

  /**
   * Reserves the id.
   *
   * @param create - Creates the DataConsumer.
   * @param atOnce - Creates it now, and not only when the stream is opened.
   */
  async reserve(create: () => Promise<DataConsumer>, atOnce: boolean): Promise<void> {
    this.#create = create;
    this.#throwIfClosed();

    // The worker answers in order: after this it has answered what the application asked for before.
    const { sctpListener } = await this.#transport.dump();

    this.#throwIfClosed();
    this.#id = untouched.has(this.#transport) && !atOnce ? 0 : idOf(await this.#ensure());
    this.#mayBeTaken ||= uses(sctpListener, this.#id);
  }

  /** Whether the application produces data on the stream. */
  async isTaken(): Promise<boolean> {
    // It hardly ever does, and the request would take time in which the peer already sends.
    return this.#mayBeTaken && uses((await this.#transport.dump()).sctpListener, this.#id);
  }

  /**
   * Creates the DataConsumer, if it does not exist yet.
   *
   * @throws StreamTakenError if the application uses the id.
   * @throws what mediasoup throws.
   */
  async open(): Promise<DataConsumer> {
    // A DataConsumer created now would get another stream, which could not be given back.
    if (this.#out === undefined && this.#id !== undefined && !untouched.has(this.#transport)) {
      throw new StreamTakenError(this.#id);
    }

    const out = await this.#ensure();

    if (this.#id !== undefined && idOf(out) !== this.#id) {
      throw new StreamTakenError(this.#id);
    }

    return out;
  }

  /** Uses the stream again after {@link end}. The application may have produced data on it meanwhile. */
  resume(): void {
    this.#mayBeTaken = true;
  }

  /** Gives the id up. The stream can still be opened until the application takes it. */
  release(): void {
    this.#reserved = false;
  }

  /** Stops to follow the application. */
  end(): void {
    for (const undo of this.#undos) {
      undo();
    }
  }

  /** A request to the worker would be an error in mediasoup's log. */
  #throwIfClosed(): void {
    if (this.#transport.closed) {
      throw new Error('the transport is closed');
    }
  }

  #onConsumeData(): void {
    if (this.#reserved && this.#create !== undefined) {
      // Whoever waits for it gets the error.
      this.#ensure().catch(() => {});
    }

    untouched.delete(this.#transport);
  }

  #ensure(): Promise<DataConsumer> {
    if (this.#out === undefined) {
      negotiationLog('%s DataConsumer requested', this.#transport.id);
      // mediasoup assigns the id within this call, so no call of the application can come between.
      this.#out = hideFrom(this.#transport.observer, this.#create as () => Promise<DataConsumer>);
      // It has done its work. What it holds would stay for as long as the heartbeat.
      this.#create = undefined;
      untouched.delete(this.#transport);
    }

    return this.#out;
  }
}

type SctpListener = Awaited<ReturnType<HeartbeatTransport['dump']>>['sctpListener'];

function uses(listener: SctpListener, streamId: number | undefined): boolean {
  return listener?.streamIdTable.some(({ key }) => key === streamId) ?? false;
}

function idOf({ sctpStreamParameters }: DataConsumer): number | undefined {
  return sctpStreamParameters?.streamId;
}
