import { randomInt, randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  type Acceptance,
  before,
  ClientEndpoint,
  createAdaptiveDetector,
  type Descriptor,
  EndpointLoop,
  GoodbyeCause,
  type HeartbeatEvents,
  INTERRUPTION,
  type LoopOwner,
  listen,
  type PeerReport,
  type Reason,
  readDescriptor,
  type Snapshot,
  type State,
  type StateChange,
  type Stats,
  SUPPORTED_VERSIONS,
  type Undo,
} from '@mediasoup-heartbeat/protocol';
import type { AppData, PipeTransport, PlainTransport } from 'mediasoup/types';
import type { ResolvedAnswerOptions } from './AnswerOptions.ts';
import { Channel } from './Channel.ts';
import { now } from './clock.ts';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import { observerOf } from './HeartbeatTransport.ts';
import { droppedLog, negotiationLog, stateLog } from './logs.ts';
import { loops } from './loops.ts';
import { type TransportOwner, whyClosed } from './RouterRegistry.ts';
import { readPath } from './readPath.ts';
import { StreamTakenError } from './StreamReservation.ts';

/** The events of an {@link AnsweringHeartbeat}, and of its `observer`. */
export type AnsweringHeartbeatEvents = HeartbeatEvents;

/** The descriptor of an end with default options, on a transport without data. */
const USUAL: Descriptor = { versions: SUPPORTED_VERSIONS, streamId: 0, interval: 1000 };

/** What there is if the descriptor is of another protocol. Nothing is judged by it. */
const NO_INTERVAL = 1000;

/**
 * Answers the pings of another server over a PipeTransport or PlainTransport, and judges that server by them.
 *
 * Made by `answerHeartbeat()`. It closes with its transport, and emits the events of {@link AnsweringHeartbeatEvents}.
 */
export class AnsweringHeartbeat<
  HeartbeatAppData extends AppData = AppData,
> extends EnhancedEventEmitter<AnsweringHeartbeatEvents> {
  /** Unique id. */
  readonly id: string = randomUUID();
  /** The transport it watches. */
  readonly transport: PipeTransport | PlainTransport;
  /** What the other end offered. */
  readonly descriptor: Descriptor;
  /** Emits the same events, for code that only observes. Its listeners are called before those of the heartbeat. */
  readonly observer: EnhancedEventEmitter<AnsweringHeartbeatEvents> = new EnhancedEventEmitter();
  /** Custom data of the application. */
  appData: HeartbeatAppData;
  /**
   * Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are.
   */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'statechange', () => listener());
  /** The latest change of the state: the same frozen object until the next one. */
  readonly getSnapshot = (): Snapshot => this.#loop.snapshot;
  readonly #owner: TransportOwner;
  readonly #endpoint: ClientEndpoint;
  readonly #loop: EndpointLoop<ClientEndpoint>;
  readonly #version: number | undefined;
  readonly #undos: Undo[] = [];
  #channel: Channel | undefined;
  /** Whether the channel is open on this side. */
  #isOpen = false;
  /** Whether the heartbeat is about to close: what it sends now is the goodbye. */
  #isLeaving = false;

  /** @internal */
  constructor(
    transport: PipeTransport | PlainTransport,
    owner: TransportOwner,
    { descriptor = USUAL, detector = createAdaptiveDetector, ...options }: ResolvedAnswerOptions,
  ) {
    super();

    const result = readDescriptor(descriptor);

    if (!result.ok && result.reason === 'no-server-half') {
      throw new TypeError(
        `answerHeartbeat(): descriptor must be the heartbeat.descriptor of the other end, got ${JSON.stringify(descriptor)}. ` +
          'Send it over your own signalling, unchanged.',
      );
    }

    const bounds = options.bounds(result.ok ? result.descriptor.interval : NO_INTERVAL);

    this.transport = transport;
    this.descriptor = descriptor;
    this.appData = options.appData as HeartbeatAppData;
    this.#owner = owner;
    this.#version = result.ok ? result.version : undefined;
    this.#endpoint = new ClientEndpoint({
      version: this.#version,
      bounds,
      detector: detector(bounds, 'client'),
      firstPingTimeout: options.firstPingTimeout,
      instance: randomInt(2 ** 32),
      now: now(),
    });
    this.#loop = new EndpointLoop(this.#endpoint, this.#loopOwner(), loops);

    for (const emitter of [this.observer, this] as EventEmitter[]) {
      // The event comes before the listener is added.
      emitter.on('newListener', event => event === 'stats' && queueMicrotask(() => this.#loop.statsWanted()));
    }
  }

  /** The state of the other end, see `State`. */
  get state(): State {
    return this.#endpoint.state;
  }

  /** Why the heartbeat is in its state, see `Reason`. */
  get reason(): Reason {
    return this.#endpoint.reason;
  }

  /** The figures as of now: a new plain object each time. */
  get stats(): Stats {
    return this.#endpoint.stats(now());
  }

  /** How the other end sees this one, by its latest report. `undefined` before that. */
  get report(): PeerReport | undefined {
    return this.#endpoint.report;
  }

  /** What the other end needs to get if it does not vouch for this one: `heartbeat.accept(acceptance)`. A plain object for JSON. */
  get acceptance(): Acceptance | undefined {
    return this.closed || this.#version === undefined ? undefined : { version: this.#version };
  }

  /** Whether the heartbeat is closed. */
  get closed(): boolean {
    return this.state === 'closed';
  }

  /**
   * Announces an interruption, such as a planned restart of this server. Until it is over the state does not get worse, on both ends. See
   * `Heartbeat.expectInterruption`.
   *
   * @param duration - How long it may last, in ms. 100–120000, default 10000.
   * @returns A function that ends this interruption early, and no other.
   * @throws TypeError if the duration is not a number in this range.
   */
  expectInterruption(duration: number = INTERRUPTION.default): () => void {
    return this.#loop.expectInterruption(duration);
  }

  /**
   * Ends the heartbeat. The other end is told; the transport stays open. The heartbeat's objects stay on the transport, idle, because the
   * other end may ping until it has heard that.
   */
  close(): void {
    this.#close('heartbeat-closed');
  }

  /**
   * Opens the stream. Called once.
   *
   * @internal
   */
  async open(): Promise<void> {
    const { transport } = this;

    this.#undos.push(
      before(transport, 'close', () => this.#leave(GoodbyeCause.TransportClosing)),
      listen(observerOf(transport), 'sctpstatechange', () => this.#onSctpState()),
      listen(observerOf(transport), 'close', () => this.#close(whyClosed(this.#owner))),
    );

    if (this.#version === undefined) {
      this.#feed((endpoint, at) => endpoint.giveUp('version-mismatch', at));
    } else {
      await this.#openChannel();
    }
  }

  async #openChannel(): Promise<void> {
    const { transport, descriptor } = this;

    try {
      this.#channel = await Channel.reserve(transport, this.#owner.router, true);

      if (this.#channel.streamId !== descriptor.streamId) {
        throw new StreamTakenError(descriptor.streamId);
      }

      await this.#channel.open(
        message => this.#feed((endpoint, at) => endpoint.handleFrame(message, at)),
        () => this.#feed((endpoint, at) => endpoint.disconnected('channel-closed', at)),
      );
    } catch (error) {
      this.#fail(error as Error);
    }

    if (this.closed) {
      this.#channel?.close(false);
      throw new Error(`answerHeartbeat(): the transport was closed meanwhile (${this.reason})`);
    }

    this.#isOpen = true;
    this.#onSctpState();
  }

  #fail(error: Error): never {
    const { transport, descriptor } = this;
    const { streamId } = this.#channel ?? {};

    this.#close('heartbeat-closed');

    if (error instanceof StreamTakenError) {
      throw new Error(
        `answerHeartbeat(): the other end pings on SCTP stream ${descriptor.streamId}, and this transport would answer on ` +
          `${streamId === descriptor.streamId ? 'one that the application uses' : `stream ${streamId}`}. Call attachHeartbeat() and ` +
          'answerHeartbeat() right after creating the two transports, before they carry data.',
      );
    }

    throw transport.closed
      ? new Error(`answerHeartbeat(): the transport was closed meanwhile`, { cause: error })
      : error;
  }

  #loopOwner(): LoopOwner {
    const hasListeners = (event: 'stats' | 'sample') =>
      this.listenerCount(event) + this.observer.listenerCount(event) > 0;

    return {
      transmit: frame => this.#transmit(frame),
      readPath: () => readPath(this.transport, this.#channel as Channel, this.#endpoint.isQueueing),
      emit: (event, ...args) => this.#emit(event, args),
      silence: () => this.#channel?.silence(),
      logDrop: cause => droppedLog('%s received, not used: %s', this.transport.id, String(cause)),
      get wantsDrops() {
        return droppedLog.enabled;
      },
      get wantsStats() {
        return hasListeners('stats');
      },
      get wantsSamples() {
        return hasListeners('sample');
      },
    };
  }

  #onSctpState(): void {
    const { sctpState } = this.transport;

    if (this.#isOpen && sctpState === 'connected') {
      negotiationLog('%s answers on stream %d', this.transport.id, this.descriptor.streamId);
      this.#feed((endpoint, at) => endpoint.opened(at));
    } else if (sctpState === 'failed' || sctpState === 'closed') {
      this.#feed((endpoint, at) => endpoint.disconnected(`sctp-${sctpState}`, at));
    }
  }

  #transmit(frame: Uint8Array): void {
    if (this.#isLeaving) {
      this.#channel?.sendLast(frame);
    } else {
      this.#channel?.send(frame);
    }
  }

  #feed(input: (endpoint: ClientEndpoint, now: number) => void): void {
    if (!this.closed) {
      this.#loop.feed(input);
    }
  }

  #leave(cause: number): void {
    this.#isLeaving = true;
    this.#feed((endpoint, at) => endpoint.depart(cause, at));
  }

  #close(reason: Reason): void {
    if (this.closed) {
      return;
    }

    this.#leave(GoodbyeCause.HeartbeatOff);
    this.#loop.stop();
    this.#loop.feed((endpoint, at) => endpoint.close(reason, at));

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    this.#channel?.close(false);
  }

  #emit<E extends keyof AnsweringHeartbeatEvents>(event: E, args: AnsweringHeartbeatEvents[E]): void {
    if (event === 'statechange' && stateLog.enabled) {
      const { previous, state, reason, silentFor } = args[0] as StateChange;

      stateLog(
        '%s %s → %s (%s), silent for %d ms, %j',
        this.transport.id,
        previous,
        state,
        reason,
        Math.round(silentFor),
        this.stats.evidence,
      );
    }

    emitToAll(this.observer, event, args);

    // No figures after the end: a listener of the observer may just have closed the heartbeat.
    if (!this.closed || (event !== 'stats' && event !== 'sample')) {
      emitToAll<AnsweringHeartbeatEvents, E>(this, event, args);
    }
  }
}
