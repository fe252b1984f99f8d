import type { DataConsumer } from 'mediasoup/types';
import { isUntouched, touch } from './dataConsumers.ts';
import type { HeartbeatTransport } from './Heartbeat.ts';
import { hideFrom } from './hide.ts';
import type { Restore } from './overrideProperty.ts';
import { onConsumeData, onDataProducer } from './transportHooks.ts';

/** A stream id that was advertised has gone to the application. */
export class StreamTakenError extends Error {
  constructor(streamId: number) {
    super(`SCTP stream ${streamId} of this transport is in use by the application.`);
  }
}

/**
 * The stream towards the peer. Its id goes to the client together with the transport's parameters, long before it is
 * known whether the client has the other half. Until then the stream exists as a number only:
 *
 * - closing a DataConsumer resets its stream, which may be the application's own;
 * - a transport with a DataConsumer begins SCTP, which fails for good where the client has no data channel for minutes.
 *
 * A transport's first DataConsumer has id 0. Where the application comes first, the heartbeat's own is created just
 * before the application's. Where it came first before, the heartbeat's is created at once.
 */
export class StreamReservation {
  readonly #transport: HeartbeatTransport;
  readonly #restores: Restore[];
  #create: (() => Promise<DataConsumer>) | undefined;
  #reserved = true;
  #out: Promise<DataConsumer> | undefined;
  #id: number | undefined;
  /** Whether the application may produce data on the stream. */
  #suspect = false;

  /** Notices from now on that the application consumes or produces data. */
  constructor(transport: HeartbeatTransport) {
    this.#transport = transport;
    this.#restores = [
      onConsumeData(transport, () => this.#onConsumeData()),
      onDataProducer(transport, streamId => {
        this.#suspect ||= streamId === this.#id || this.#id === undefined;
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
   * @param atOnce - Now, and not only when it is opened.
   */
  async reserve(create: () => Promise<DataConsumer>, atOnce: boolean): Promise<void> {
    this.#create = create;
    this.#throwIfClosed();

    // Once the worker has answered, so it has to what the application asked for before.
    const { sctpListener } = await this.#transport.dump();

    this.#throwIfClosed();
    this.#id = isUntouched(this.#transport) && !atOnce ? 0 : idOf(await this.#ensure());
    this.#suspect ||= uses(sctpListener, this.#id);
  }

  /** Whether the application produces data on the stream. */
  async isTaken(): Promise<boolean> {
    // It hardly ever does, and asking would take time in which the peer already speaks.
    return this.#suspect && uses((await this.#transport.dump()).sctpListener, this.#id);
  }

  /**
   * Creates the DataConsumer, where that has not been done.
   *
   * @throws StreamTakenError where the id has gone to the application.
   * @throws what mediasoup throws.
   */
  async open(): Promise<DataConsumer> {
    // To create it all the same would take another stream, which could not be given back.
    if (this.#out === undefined && this.#id !== undefined && !isUntouched(this.#transport)) {
      throw new StreamTakenError(this.#id);
    }

    const out = await this.#ensure();

    if (this.#id !== undefined && idOf(out) !== this.#id) {
      throw new StreamTakenError(this.#id);
    }

    return out;
  }

  /** Takes it up again, after {@link end}: the application may have produced data on it meanwhile. */
  resume(): void {
    this.#suspect = true;
  }

  /** The application may have the id. It can be opened still, as long as the application has not taken it. */
  release(): void {
    this.#reserved = false;
  }

  /** Takes no note of the application any more. */
  end(): void {
    for (const restore of this.#restores) {
      restore();
    }
  }

  /** To ask the worker all the same would be an error in mediasoup's log. */
  #throwIfClosed(): void {
    if (this.#transport.closed) {
      throw new Error('the transport is closed');
    }
  }

  #onConsumeData(): void {
    if (this.#reserved && this.#create !== undefined) {
      // Who waits for it is told of its failure.
      this.#ensure().catch(() => {});
    }

    touch(this.#transport);
  }

  #ensure(): Promise<DataConsumer> {
    if (this.#out === undefined) {
      // mediasoup gives the id within the call, so that no call of the application's comes between.
      this.#out = hideFrom(this.#transport.observer, this.#create as () => Promise<DataConsumer>);
      touch(this.#transport);
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
