import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  ChangeQueue,
  checkInterruption,
  createPingDetector,
  type Descriptor,
  type FrameError,
  GoodbyeCause,
  INTERRUPTION,
  PROTOCOL_VERSION,
  Prober,
  type Reason,
  readAcceptance,
  type Sample,
  type State,
  type StateChange,
  type Stats,
  SUPPORTED_VERSIONS,
} from '@mediasoup-heartbeat/protocol';
import type { AppData, PipeTransport, PlainTransport, WebRtcTransport } from 'mediasoup/types';
import { Channel } from './Channel.ts';
import { now } from './clock.ts';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { type ResolvedOptions, show } from './HeartbeatOptions.ts';
import type { Restore } from './overrideProperty.ts';
import { PathWatch } from './PathWatch.ts';
import { type Home, whyClosed } from './RouterRegistry.ts';
import { random32 } from './random.ts';
import { scheduler, type Task } from './Scheduler.ts';
import { StreamTakenError } from './StreamReservation.ts';
import { advertise, onClose, onConnect, onRestartIce } from './transportHooks.ts';

/** The transports that can carry a heartbeat: those with SCTP. */
export type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;

/** The events of a heartbeat, and of its `observer`. */
export type HeartbeatEvents = {
  /** The state, or the reason for it, changed. */
  statechange: [StateChange];
  /** The peer is there: for the first time, or again. */
  alive: [StateChange];
  /** The peer may be gone. */
  suspect: [StateChange];
  /** The peer is gone. */
  dead: [StateChange];
  /** The heartbeat is over. */
  close: [StateChange];
  /** A ping was answered. */
  sample: [Sample];
  /** The figures, once a second while somebody listens. */
  stats: [Stats];
  /** The first frame of this peer was dropped. The rest is counted in `stats.malformed`. */
  dropped: [FrameError];
  /** mediasoup refused the heartbeat's own stream, for this reason. The heartbeat closes: `channel-failed`. */
  channelerror: [Error];
  /**
   * A fault of this library: a frame could not be handled. Nobody is judged by it. Please report it. Emitted once, the
   * rest is counted in `stats.internalErrors`.
   */
  internalerror: [Error];
};

/** How often `stats` is emitted, in ms. */
const STATS_EVERY = 1000;

/**
 * Watches one peer over one transport.
 *
 * Made by `attachHeartbeat()`. It closes with its transport, and emits the events of {@link HeartbeatEvents}.
 */
export class Heartbeat<HeartbeatAppData extends AppData = AppData>
  extends EnhancedEventEmitter<HeartbeatEvents>
  implements Task
{
  /** Unique id. */
  readonly id: string = randomUUID();
  /** The transport it watches. */
  readonly transport: HeartbeatTransport;
  /**
   * The same events, for those who only look on. Its listeners are called before those of the heartbeat.
   */
  readonly observer: EnhancedEventEmitter<HeartbeatEvents> = new EnhancedEventEmitter();
  /** Custom data of the application. */
  appData: HeartbeatAppData;
  readonly #home: Home;
  readonly #options: ResolvedOptions;
  readonly #prober: Prober;
  readonly #pathWatch: PathWatch;
  readonly #unhooks: Restore[] = [];
  readonly #changes = new ChangeQueue((event, change) => this.#emit(event, change));
  #channel: Channel | undefined;
  #descriptor: Descriptor | undefined;
  /** Whether the transport has been connected, and with it the client had its say. */
  #connected = false;
  /** The version of an acceptance that the application handed over before the transport was connected. */
  #handedOver: number | undefined;
  /** Whether a client half has accepted, so that the stream is the heartbeat's. */
  #accepted = false;
  #leaving = false;
  #statsAt = 0;
  #iceLost = false;
  #closeAt = Number.POSITIVE_INFINITY;

  /** Use `attachHeartbeat()`. */
  constructor(transport: HeartbeatTransport, home: Home, options: ResolvedOptions) {
    super();
    this.transport = transport;
    this.appData = options.appData as HeartbeatAppData;
    this.#home = home;
    this.#options = options;
    this.#prober = new Prober(
      {
        detector: createPingDetector(options.detector),
        bounds: options.detector,
        firstPongTimeout: options.firstPongTimeout,
        frozenTimeout: options.frozenTimeout,
        phase: scheduler.nextPhase(options.detector.interval),
        random: random32,
        now: now(),
      },
      {
        send: frame => this.#send(frame),
        statechange: change => this.#onStateChange(change),
        whyNotConnected: () => whyNotConnected(transport),
        sample: sample => this.#tellFigures('sample', sample),
        dropped: error => this.#emit('dropped', error),
        failed: error => this.#emit('internalerror', error),
        violation: () => this.#channel?.silence(),
      },
    );
    this.#pathWatch = new PathWatch(
      transport,
      (pathAlive, congestion) => {
        this.#prober.opinion(pathAlive, now(), congestion);
        this.#reschedule();
      },
      // Where nothing queues nothing waits, and the worker need not be asked.
      async () =>
        this.#prober.isQueueing ? (this.#channel?.buffered() ?? 0) : (this.#channel?.refused ?? 0),
    );
    this.#awaitStatsListeners();
  }

  /** The verdict, see `State`. */
  get state(): State {
    return this.#prober.state;
  }

  /** Why the heartbeat is in its state, see `Reason`. */
  get reason(): Reason {
    return this.#prober.reason;
  }

  /** The figures as of now: a new plain object each time. */
  get stats(): Stats {
    return this.#prober.stats(now());
  }

  /** What the client has to know: rides in `transport.sctpParameters`, or goes by the application's own signalling. */
  get descriptor(): Descriptor {
    return this.#descriptor as Descriptor;
  }

  /** Whether the heartbeat is over. */
  get closed(): boolean {
    return this.state === 'closed';
  }

  /**
   * Announces an interruption, such as an ICE restart or a planned move: until it is over, no verdict gets
   * worse, and neither does the client's. `transport.restartIce()` announces itself.
   *
   * @param duration - For how long at the most, in ms. 100–120000, default 10000.
   * Several may overlap: the verdict is held until the latest is over. Those that are announced without a sign of life
   * between them count from the first, so that announcing again and again postpones no death for ever.
   * @returns A function that ends this interruption before its time, and no other.
   * @throws TypeError where the duration is no number, or out of range.
   */
  expectInterruption(duration: number = INTERRUPTION.default): () => void {
    checkInterruption(duration);

    const interruption = this.#prober.expectInterruption(duration, now());

    this.#reschedule();

    return () => {
      this.#prober.interruptionOver(interruption, now());
      this.#reschedule();
    };
  }

  /**
   * Takes the client's acceptance from the application, whose signalling does not carry it in the parameters of
   * `connect()`. Before `transport.connect()` or after it, as often as it comes.
   *
   * @param acceptance - What the client's `attach(transport, descriptor).acceptance` is, unchanged. `undefined` or `null`,
   * as from a client without the other half, changes nothing.
   * @returns Whether the client has accepted: by this call, or before.
   * @throws TypeError where it is something else.
   */
  accept(acceptance: unknown): boolean {
    const result = readAcceptance(acceptance);

    if (this.closed || acceptance === undefined || acceptance === null) {
      return this.#accepted || this.#handedOver !== undefined;
    } else if (!result.ok && result.reason === 'no-client-half') {
      throw new TypeError(
        `accept(): acceptance must be an object like { version: 1 }, got ${show(acceptance)}. Pass on what the ` +
          "client's attach(transport, descriptor).acceptance is, unchanged.",
      );
    } else if (this.#accepted) {
      return true;
    } else if (!result.ok) {
      this.#connected = true;
      this.#decline(result.reason);
    } else if (this.#connected) {
      this.#accept(result.version);
    } else {
      this.#handedOver = result.version;
    }

    return result.ok;
  }

  /**
   * Ends the heartbeat and takes everything of it off the transport, which stays open. The client is told.
   *
   * Where the client's other half is not there, or not any more, the heartbeat's objects stay on the transport, idle:
   * to close them would reset a stream that may be the application's.
   */
  close(): void {
    this.#end('heartbeat-closed');
  }

  /** When the scheduler has to call {@link run} next. */
  get dueAt(): number {
    if (this.closed) {
      return Number.POSITIVE_INFINITY;
    }

    return Math.min(
      this.#prober.pollAt,
      this.#closeAt,
      this.#prober.wantsOpinion ? this.#pathWatch.askAt : Number.POSITIVE_INFINITY,
      this.#hasStatsListener ? this.#statsAt : Number.POSITIVE_INFINITY,
    );
  }

  /** Called by the scheduler. */
  run(time: number): void {
    this.#prober.poll(time);

    // By a listener that was told of a death just now.
    if (this.closed) {
      return;
    }

    if (!this.#prober.wantsOpinion) {
      this.#pathWatch.reset();
      this.#prober.answered(time);

      if (this.#prober.isQueueing) {
        this.#pathWatch.glance(time);
      }
    } else if (time >= this.#pathWatch.askAt) {
      this.#askTransport(time);
    }

    if (time >= this.#closeAt) {
      this.transport.close();
    } else if (time >= this.#statsAt && this.#hasStatsListener) {
      this.#statsAt = time + STATS_EVERY;
      this.#tellFigures('stats', this.stats);
    }
  }

  /** Called by the scheduler. */
  stalled(from: number, to: number): void {
    this.#prober.stalled(from, to);
  }

  /** Called by `attachHeartbeat()`, once: reserves the stream and waits for the client's acceptance. */
  async open(): Promise<void> {
    // Before anything is awaited: the application may connect the transport meanwhile.
    this.#unhooks.push(
      onConnect(this.transport, acceptance => this.#onConnected(acceptance)),
      onRestartIce(this.transport, () => this.#onRestartIce()),
      onClose(this.transport, () => this.#leave(GoodbyeCause.TransportClosing)),
    );
    this.#watchTransport();

    try {
      this.#channel = await Channel.reserve(this.transport, this.#home.router, this.#options.vouch);
    } catch (error) {
      if (this.closed) {
        throw this.#closedMeanwhile({ cause: error });
      }

      this.#end('heartbeat-closed');
      throw error;
    }

    this.#descriptor = {
      versions: SUPPORTED_VERSIONS,
      streamId: this.#channel.streamId,
      interval: this.#options.detector.interval,
    };

    if (this.closed) {
      this.#release(false);
      throw this.#closedMeanwhile();
    }

    if (this.#options.advertise) {
      this.#unhooks.push(advertise(this.transport, this.#descriptor));
    }

    if (this.#connected || isConnected(this.transport)) {
      // By a client that cannot know of the heartbeat.
      this.#connected = false;
      this.#onConnected(undefined);
    }

    scheduler.update(this);
  }

  async #askTransport(time: number): Promise<void> {
    this.#prober.asked(time);
    await this.#pathWatch.ask(time);
    this.#prober.answered(now());
    this.#reschedule();
  }

  get #hasStatsListener(): boolean {
    return this.listenerCount('stats') + this.observer.listenerCount('stats') > 0;
  }

  /** The scheduler may have nothing to do here for long: who begins to listen to `stats` has to be taken note of. */
  #awaitStatsListeners(): void {
    const emitters: EventEmitter[] = [this.observer, this];

    for (const emitter of emitters) {
      // Emitted before the listener is there.
      emitter.on('newListener', event => {
        if (event === 'stats' && !this.#hasStatsListener) {
          this.#statsAt = now() + STATS_EVERY;
          queueMicrotask(() => this.#reschedule());
        }
      });
    }
  }

  #watchTransport(): void {
    const { observer } = this.transport;
    const onIce = (state: string) => this.#onIceState(state);
    const onDtls = (state: string) => this.#onDtlsState(state);
    const onSctp = (state: string) => this.#onSctpState(state);
    const onClose = () => this.#end(whyClosed(this.#home));

    // biome-ignore lint/suspicious/noExplicitAny: the three types of transport have observers of their own
    const events = observer as EnhancedEventEmitter<any>;

    events.on('icestatechange', onIce).on('dtlsstatechange', onDtls).on('sctpstatechange', onSctp);
    events.on('close', onClose);
    this.#unhooks.push(() => {
      events.off('icestatechange', onIce).off('dtlsstatechange', onDtls).off('sctpstatechange', onSctp);
      events.off('close', onClose);
    });
  }

  #onConnected(acceptance: unknown): void {
    const result = readAcceptance(acceptance);
    const { vouch, advertise: advertised } = this.#options;

    if (this.closed || this.#connected) {
      return;
    }

    this.#connected = true;

    if (this.#descriptor === undefined) {
      return;
    } else if (result.ok) {
      this.#accept(result.version);
    } else if (this.#handedOver !== undefined) {
      this.#accept(this.#handedOver);
    } else if (vouch && acceptance === undefined) {
      this.#accept(PROTOCOL_VERSION, true);
    } else {
      this.#decline(result.reason);

      // Where the acceptance would have come with connect(), it will not come any more.
      if (advertised) {
        this.#channel?.declined();
      }
    }
  }

  #decline(reason: 'no-client-half' | 'version-mismatch' | 'stream-id-taken'): void {
    this.#prober.decline(reason, now());
    this.#reschedule();
  }

  async #accept(version: number, guessed = false): Promise<void> {
    const channel = this.#channel as Channel;

    this.#accepted = true;

    try {
      await channel.open(
        message => this.#onMessage(message),
        // The association is up, and the client has closed its end on purpose.
        () => this.#decline('no-client-half'),
      );
    } catch (error) {
      this.#onChannelError(error as Error);

      return;
    }

    // What was sent before the channel was open would have been lost.
    if (!this.closed) {
      this.#prober.accept(version, now(), guessed);
      this.#tellPath();
      this.#reschedule();
    }
  }

  /** What became of the path before there was anybody to judge. */
  #tellPath(): void {
    const { transport } = this;
    const { sctpState } = transport;
    const dtlsState = transport.type === 'webrtc' ? transport.dtlsState : undefined;

    if (sctpState === 'connected') {
      this.#prober.connected(now());
    } else if (sctpState === 'failed' || sctpState === 'closed') {
      this.#prober.disconnected(`sctp-${sctpState}`, now());
    } else if (dtlsState === 'failed' || dtlsState === 'closed') {
      this.#prober.disconnected(`dtls-${dtlsState}`, now());
    }
  }

  #onChannelError(error: Error): void {
    if (this.closed || this.transport.closed) {
      // That is why, and its own events say so.
    } else if (error instanceof StreamTakenError) {
      this.#decline('stream-id-taken');
    } else {
      // Without a way back it would find every peer dead.
      this.#emit('channelerror', error);
      this.#end('channel-failed');
    }
  }

  #onMessage(message: Uint8Array): void {
    this.#prober.receive(message, now());
    this.#reschedule();
  }

  #onIceState(state: string): void {
    if (state === 'disconnected') {
      this.#iceLost = true;
      this.#prober.trouble('ice-disconnected', now());
    } else if (this.#iceLost) {
      // It is back. Without having been lost it may be on its way to `completed`, with a restart just announced.
      this.#iceLost = false;
      this.#prober.reconnected(now());
    }

    this.#reschedule();
  }

  #onRestartIce(): void {
    this.#prober.restarting(INTERRUPTION.default, now());
    this.#reschedule();
  }

  #onDtlsState(state: string): void {
    if (state === 'failed' || state === 'closed') {
      this.#prober.disconnected(`dtls-${state}`, now());
      this.#reschedule();
    }
  }

  #onSctpState(state: string): void {
    if (state === 'connected') {
      this.#prober.connected(now());

      // A PlainTransport with `comedia` connects without anybody's calling connect().
      if (this.#options.vouch || this.#handedOver !== undefined) {
        this.#onConnected(undefined);
      }
    } else if (state === 'failed' || state === 'closed') {
      this.#prober.disconnected(`sctp-${state}`, now());
    }

    this.#reschedule();
  }

  #onStateChange(change: StateChange): void {
    const { closeOnDead } = this.#options;

    // Before anybody is told: a listener may close the heartbeat, and then the transport is the application's.
    this.#closeAt =
      change.state === 'dead' && closeOnDead !== false
        ? change.at + closeOnDead.grace
        : Number.POSITIVE_INFINITY;
    this.#changes.add(change);
  }

  #closedMeanwhile(options?: ErrorOptions): Error {
    return new Error(`attachHeartbeat(): the transport was closed meanwhile (${this.reason})`, options);
  }

  #end(reason: Reason): void {
    if (!this.closed) {
      const ours = this.#hasStream;

      this.#leave(GoodbyeCause.HeartbeatOff);
      this.#prober.close(reason, now());
      this.#release(ours);
    }
  }

  #leave(cause: number): void {
    this.#leaving = true;
    this.#prober.leave(cause);
  }

  #send(frame: Uint8Array): void {
    if (this.#leaving) {
      this.#channel?.sendLast(frame);
    } else {
      this.#channel?.send(frame);
    }
  }

  /** Whether a client half has its channel on the stream: it has accepted, and has not left since. */
  get #hasStream(): boolean {
    return this.#accepted && this.reason !== 'no-client-half' && this.reason !== 'stream-id-taken';
  }

  #release(hasStream: boolean): void {
    scheduler.remove(this);

    for (const unhook of this.#unhooks.splice(0)) {
      unhook();
    }

    this.#channel?.close(hasStream);
  }

  #reschedule(): void {
    if (!this.closed) {
      scheduler.update(this);
    }
  }

  /** Figures are not told after the end, which may have come by a listener of the observer. */
  #tellFigures<E extends 'stats' | 'sample'>(event: E, ...args: HeartbeatEvents[E]): void {
    safeEmit(this.observer, event, args);

    if (!this.closed) {
      safeEmit(this, event, args);
    }
  }

  #emit<E extends keyof HeartbeatEvents>(event: E, ...args: HeartbeatEvents[E]): void {
    safeEmit(this.observer, event, args);
    safeEmit(this, event, args);
  }
}

/** A listener that throws is told of by `listenererror`, and harms nobody else. */
function safeEmit<E extends keyof HeartbeatEvents>(
  emitter: EnhancedEventEmitter<HeartbeatEvents>,
  event: E,
  args: HeartbeatEvents[E],
): void {
  (emitter.safeEmit as (event: E, ...args: HeartbeatEvents[E]) => boolean).call(emitter, event, ...args);
}

/** Whether the transport was connected before, by a client that cannot have known of the heartbeat. */
function isConnected(transport: HeartbeatTransport): boolean {
  return transport.type === 'webrtc' ? transport.dtlsState !== 'new' : transport.sctpState === 'connected';
}

/** Why the client of a transport without SCTP is gone. While ICE is up it is not: SCTP may begin whenever the client likes. */
function whyNotConnected(transport: HeartbeatTransport): Reason | undefined {
  const state = transport.type === 'webrtc' ? transport.iceState : 'new';

  if (state === 'connected' || state === 'completed') {
    return undefined;
  }

  return state === 'disconnected' ? 'ice-disconnected' : 'not-connected';
}
