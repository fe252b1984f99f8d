import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  ChangeQueue,
  checkInterruption,
  createPingDetector,
  type Descriptor,
  type FrameError,
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
import type { ResolvedOptions } from './HeartbeatOptions.ts';
import type { Restore } from './overrideProperty.ts';
import { PathWatch } from './PathWatch.ts';
import { type Home, whyClosed } from './RouterRegistry.ts';
import { random32 } from './random.ts';
import { scheduler, type Task } from './Scheduler.ts';
import { advertise, onConnect, onRestartIce } from './transportHooks.ts';

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
  /** Whether the application has connected the transport while the heartbeat was being attached. */
  #connectedEarly = false;
  /** Whether the client has answered the descriptor, by connecting. */
  #answered = false;
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
        firstPongTimeout: options.firstPongTimeout,
        frozenTimeout: options.frozenTimeout,
        phase: scheduler.nextPhase(options.detector.interval),
        random: random32,
        now: now(),
      },
      {
        send: frame => this.#channel?.send(frame),
        statechange: change => this.#onStateChange(change),
        whyNotConnected: () => whyNotConnected(transport),
        sample: sample => this.#tellFigures('sample', sample),
        dropped: error => this.#emit('dropped', error),
        violation: () => this.#channel?.silence(),
      },
    );
    this.#pathWatch = new PathWatch(transport, pathAlive => {
      this.#prober.opinion(pathAlive, now());
      this.#reschedule();
    });
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

  /** Ends the heartbeat and takes everything of it off the transport, which stays open. The client is told. */
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
    } else if (time >= this.#pathWatch.askAt) {
      this.#pathWatch.ask(time);
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

  /** Called by `attachHeartbeat()`, once: lays the way to the client and waits for its acceptance. */
  async open(): Promise<void> {
    // Before anything is awaited: the application may connect the transport meanwhile.
    this.#unhooks.push(
      onConnect(this.transport, acceptance => this.#onConnected(acceptance)),
      onRestartIce(this.transport, () => this.#onRestartIce()),
    );
    this.#watchTransport();

    try {
      this.#channel = await Channel.open(this.transport, this.#home.router);
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
      this.#release();
      throw this.#closedMeanwhile();
    }

    if (this.#options.advertise) {
      this.#unhooks.push(advertise(this.transport, this.#descriptor));
    }

    if (this.#connectedEarly || isConnected(this.transport)) {
      this.#onConnected(undefined);
    }

    scheduler.update(this);
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

    if (this.closed || this.#answered) {
      return;
    } else if (this.#descriptor === undefined) {
      // By a client that cannot know of the heartbeat.
      this.#connectedEarly = true;

      return;
    }

    this.#answered = true;

    if (result.ok) {
      this.#accept(result.version);
    } else if (!this.#options.advertise && acceptance === undefined) {
      // The application carries the descriptor itself, to clients that it knows to have the other half; a
      // signalling that strips the descriptor strips the acceptance, too.
      this.#accept(PROTOCOL_VERSION, true);
    } else {
      this.#prober.decline(result.reason, now());
      this.#reschedule();
    }
  }

  #accept(version: number, guessed = false): void {
    this.#prober.accept(version, now(), guessed);

    if (this.transport.sctpState === 'connected') {
      this.#prober.connected(now());
    }

    this.#reschedule();
    this.#openWayBack();
  }

  async #openWayBack(): Promise<void> {
    const channel = this.#channel as Channel;

    try {
      await channel.openWayBack(message => this.#onMessage(message));
    } catch {
      // `undefined`: the transport or its Worker is gone, which their own events say.
      const taken = await channel.isTaken().catch(() => undefined);

      if (this.closed || taken === undefined) {
        return;
      } else if (taken) {
        this.#prober.decline('stream-id-taken', now());
        this.#reschedule();
      } else {
        // Without a way back it would find every peer dead.
        this.close();
      }
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
      if (!this.#options.advertise) {
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
      this.#prober.close(reason, now());
      this.#release();
    }
  }

  #release(): void {
    scheduler.remove(this);

    for (const unhook of this.#unhooks.splice(0)) {
      unhook();
    }

    this.#channel?.close();
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
