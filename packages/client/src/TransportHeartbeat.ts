import {
  type Acceptance,
  ChangeQueue,
  checkInterruption,
  createArrivalDetector,
  type Descriptor,
  type FrameError,
  GoodbyeCause,
  INTERRUPTION,
  type PeerReport,
  type Reason,
  Responder,
  readDescriptor,
  type Sample,
  type State,
  type StateChange,
  type Stats,
} from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import {
  beforeClose,
  type ChannelFailure,
  type ChannelHost,
  ChannelNegotiation,
  onConnectionState,
  onRestartIce,
} from './ChannelNegotiation.ts';
import type { ResolvedClientOptions } from './ClientHeartbeatOptions.ts';
import { now } from './clock.ts';
import { EventEmitter } from './EventEmitter.ts';
import type { Undo } from './override.ts';
import { PathWatch } from './PathWatch.ts';
import type { Scheduler, Task } from './Scheduler.ts';

/** The events of a transport's heartbeat, and of its `observer`. */
export type TransportHeartbeatEvents = {
  /** The state, or the reason for it, changed. */
  statechange: [StateChange];
  /** The server is there: for the first time, or again. */
  alive: [StateChange];
  /** The server may be gone. */
  suspect: [StateChange];
  /** The server is gone. */
  dead: [StateChange];
  /** The heartbeat is over. */
  close: [StateChange];
  /** The RTT was measured. */
  sample: [Sample];
  /** The figures, once a second while somebody listens. */
  stats: [Stats];
  /** The first frame of the server that is not as it should be was dropped. The rest is in `stats.malformed`. */
  dropped: [FrameError];
  /**
   * A fault of this library: a frame could not be handled. Nobody is judged by it. Please report it. Emitted once, and
   * written to the console; the rest is counted in `stats.internalErrors`.
   */
  internalerror: [Error];
};

/** How often `stats` is emitted, in ms. */
const STATS_EVERY = 1000;

/** Where a transport has the heartbeat that was closed last: by a registered symbol, for all copies of this package. */
const CLOSED = Symbol.for('@mediasoup-heartbeat/client: closed');

/**
 * Answers the server's pings on one transport, and judges the server by them.
 *
 * Made by a `DeviceHeartbeat`, for each transport. It closes with its transport.
 */
export class TransportHeartbeat<HeartbeatAppData extends types.AppData = types.AppData>
  extends EventEmitter<TransportHeartbeatEvents>
  implements Task
{
  /** The transport it is on. */
  readonly transport: types.Transport;
  /** What the server sent, whatever it is. */
  readonly descriptor: unknown;
  /** The same events, for those who only look on. Its listeners are called before those of the heartbeat. */
  readonly observer: EventEmitter<TransportHeartbeatEvents> = new EventEmitter(event =>
    this.#onListener(event),
  );
  /** Custom data of the application. */
  appData: HeartbeatAppData;
  readonly #options: ResolvedClientOptions;
  readonly #scheduler: Scheduler;
  readonly #pathWatch: PathWatch;
  readonly #undos: Undo[] = [];
  readonly #changes = new ChangeQueue((event, change) => this.#emit(event, change));
  #state: State = 'pending';
  #reason: Reason = 'new';
  /** `undefined` where there is no server half, or none that this one understands. */
  #responder: Responder | undefined;
  #version = 0;
  #negotiation: ChannelNegotiation | undefined;
  #channel: RTCDataChannel | undefined;
  #statsAt = 0;

  /** Use `enableHeartbeat()`. */
  constructor(
    transport: types.Transport,
    descriptor: unknown,
    options: ResolvedClientOptions,
    scheduler: Scheduler,
  ) {
    super(event => this.#onListener(event));
    this.transport = transport;
    this.descriptor = descriptor;
    this.appData = {} as HeartbeatAppData;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#pathWatch = new PathWatch(transport, {
      knock: () => this.#responder?.knock(),
      tell: (pathAlive, congestion) => {
        this.#responder?.opinion(pathAlive, now(), congestion);
        scheduler.update(this);
      },
    });
    this.#undos.push(beforeClose(transport, () => this.#close('transport-closed')));

    const result = readDescriptor(descriptor);

    if (transport.handler.name === 'FakeHandler') {
      // Its channels never open, and it counts their stream ids wrong: the application's ids have to stay as they are.
      this.#reason = 'fake-handler';
    } else if (result.ok) {
      this.#begin(result.descriptor, result.version);
    } else {
      this.#reason = result.reason;
    }
  }

  /** The transport's id. */
  get id(): string {
    return this.transport.id;
  }

  /** The verdict, see `State`. */
  get state(): State {
    return this.#state;
  }

  /** Why the heartbeat is in its state, see `Reason`. */
  get reason(): Reason {
    return this.#reason;
  }

  /** The figures as of now: a new plain object each time. */
  get stats(): Stats {
    return this.#responder?.stats(now()) ?? noStats();
  }

  /** How the server sees this client on this transport, by its latest report. `undefined` before that. */
  get report(): PeerReport | undefined {
    return this.#responder?.report;
  }

  /**
   * What the server half has to get: it rides in the `dtlsParameters` of the `connect` event. With `{ advertise: false }`
   * pass it on by your own signalling, for the server's `heartbeat.accept(acceptance)`. A plain object for JSON.
   * `undefined` where there is nothing to accept, or no way to keep the promise.
   */
  get acceptance(): Acceptance | undefined {
    if (this.closed || this.#responder === undefined) {
      return undefined;
    }

    // Whoever reads it may pass it on.
    this.#negotiation?.promise();

    return { version: this.#version };
  }

  /** Whether the heartbeat is over. */
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * Announces an interruption, such as a planned move to another network: until it is over no verdict gets
   * worse, and neither does the server's. `transport.restartIce()` announces itself.
   *
   * @param duration - For how long at the most, in ms. 100–120000, default 10000.
   * Several may overlap: the verdict is held until the latest is over. Those that are announced without a sign of life
   * between them count from the first, so that announcing again and again postpones no death for ever.
   * @returns A function that ends this interruption before its time, and no other.
   * @throws TypeError where the duration is no number, or out of range.
   */
  expectInterruption(duration: number = INTERRUPTION.default): () => void {
    checkInterruption(duration);

    let over = () => {};

    this.#tell(responder => {
      const interruption = responder.expectInterruption(duration, now());

      over = () => this.#tell(() => responder.interruptionOver(interruption, now()));
    });

    return () => over();
  }

  /** Ends the heartbeat. The server is told; the transport stays open. */
  close(): void {
    this.#close('heartbeat-closed');
  }

  /**
   * Called by the next heartbeat of the transport, after this was closed: what it goes on with. The server has been promised
   * an answer on that stream, and its id cannot be had twice.
   */
  handOver(): { negotiation?: ChannelNegotiation | undefined; channel?: RTCDataChannel | undefined } {
    const left = { negotiation: this.#negotiation, channel: this.#channel };

    // From now on the channel is not for this to answer on.
    this.#channel = undefined;

    return left;
  }

  /** Called by the scheduler. */
  get dueAt(): number {
    const responder = this.#responder;

    return Math.min(
      responder?.pollAt ?? Number.POSITIVE_INFINITY,
      responder?.wantsOpinion ? this.#pathWatch.askAt : Number.POSITIVE_INFINITY,
      this.#hasStatsListener ? this.#statsAt : Number.POSITIVE_INFINITY,
    );
  }

  /** Called by the scheduler. */
  run(time: number): void {
    this.#responder?.poll(time);

    // By a listener that was told of a death just now.
    if (this.closed) {
      return;
    }

    if (!this.#responder?.wantsOpinion) {
      this.#pathWatch.reset();
    } else if (time >= this.#pathWatch.askAt) {
      this.#pathWatch.ask(time);
    }

    if (this.#hasStatsListener && time >= this.#statsAt) {
      this.#statsAt = time + STATS_EVERY;
      this.#tellFigures('stats', this.stats);
    }
  }

  /** Called by the scheduler. */
  stalled(from: number, to: number): void {
    this.#responder?.stalled(from, to);
  }

  /** Called by the `DeviceHeartbeat` when the page went into the background, or came back. */
  setHidden(hidden: boolean): void {
    this.#tell(responder => responder.setHidden(hidden));
  }

  /** Called by the `DeviceHeartbeat` before the page is frozen. */
  freeze(): void {
    this.#tell(responder => responder.freeze());
  }

  /** Called by the `DeviceHeartbeat` when the page runs again. */
  thaw(): void {
    this.#tell(responder => responder.thaw(now()));
  }

  /** Called by the `DeviceHeartbeat` when the page is closed. */
  leave(): void {
    this.#tell(responder => responder.leave(GoodbyeCause.PageClosing));
  }

  /** Called by the `DeviceHeartbeat` when the page came back from the back/forward cache. */
  returned(): void {
    this.#tell(responder => responder.returned(now()));
  }

  get #hasStatsListener(): boolean {
    return this.listenerCount('stats') + this.observer.listenerCount('stats') > 0;
  }

  /** Somebody wants the figures from now on, while perhaps nothing else is ever due. */
  #onListener(event: keyof TransportHeartbeatEvents): void {
    const count = this.listenerCount('stats') + this.observer.listenerCount('stats');

    if (event === 'stats' && count === 1 && !this.closed) {
      // Not due since the last time that somebody listened, which the scheduler would take for a stall.
      this.#statsAt = Math.max(this.#statsAt, now());
      this.#scheduler.update(this);
    }
  }

  /** Lets the responder know of something, and itself be called when it wants to. */
  #tell(what: (responder: Responder) => void): void {
    if (this.#responder !== undefined && !this.closed) {
      what(this.#responder);
      this.#scheduler.update(this);
    }
  }

  #begin({ streamId, interval }: Descriptor, version: number): void {
    this.#version = version;
    this.#responder = new Responder(
      {
        version,
        interval,
        detector: createArrivalDetector(this.#options.detector(interval)),
        firstPingTimeout: this.#options.firstPingTimeout,
        instance: Math.floor(Math.random() * 2 ** 32),
        now: now(),
      },
      {
        send: frame => this.#send(frame),
        statechange: change => this.#change(change),
        sample: sample => this.#tellFigures('sample', sample),
        dropped: error => this.#emit('dropped', error),
        failed: error => {
          console.error('mediasoup-heartbeat: internal error, please report it', error);
          this.#emit('internalerror', error);
        },
        violation: () => this.#channel?.close(),
      },
    );
    this.#undos.push(
      onConnectionState(this.transport, state => this.#onConnectionState(state)),
      onRestartIce(this.transport, () =>
        this.#tell(responder => responder.restarting(INTERRUPTION.default, now())),
      ),
    );
    this.#getChannel(streamId);
  }

  #getChannel(streamId: number): void {
    const host: ChannelHost = {
      negotiated: channel => this.#useChannel(channel),
      refused: () => this.#wait('not-connected'),
      failed: reason => this.#onNoChannel(reason),
    };
    const { connectIdleAfter, advertise } = this.#options;
    const acceptance = advertise ? { version: this.#version } : undefined;
    const closed = (this.transport as { [CLOSED]?: TransportHeartbeat })[CLOSED];
    const { negotiation, channel } = closed?.handOver() ?? {};

    if (channel?.id === streamId && (channel.readyState === 'connecting' || channel.readyState === 'open')) {
      this.#useChannel(channel);
    } else if (negotiation?.resume(host, connectIdleAfter)) {
      this.#negotiation = negotiation;
    } else {
      this.#negotiation = new ChannelNegotiation(
        this.transport,
        { streamId, acceptance, connectIdleAfter },
        host,
      );
    }
  }

  #onNoChannel(reason: ChannelFailure): void {
    // A closed transport says so itself.
    if (reason !== 'closed') {
      this.#wait(reason === 'stream-id-taken' ? reason : 'not-connected');
      // Nothing will ever be heard of the server, so that nothing may be said of it: least of all that it is dead.
      this.#responder = undefined;
    }
  }

  #useChannel(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';

    const listen = (event: string, listener: (event: { data?: unknown }) => void) =>
      channel.addEventListener(event, of => {
        // Not after it was handed over.
        if (this.#channel === channel) {
          listener(of as MessageEvent);
        }
      });

    listen('open', () => this.#onOpen());
    listen('close', () => this.#onChannelClose());
    // Answered here and now, never from a timer: those of a page in the background are throttled.
    listen('message', ({ data }) => this.#onMessage(data));

    if (channel.readyState === 'open') {
      this.#onOpen();
    }
  }

  #onOpen(): void {
    this.#responder?.opened(now());

    if (this.closed) {
      // It was closed after the server had been told that somebody would answer: now it is told otherwise.
      this.#responder?.close(this.#reason, now());
    } else {
      this.#scheduler.update(this);
    }
  }

  #onMessage(data: unknown): void {
    // Anything else than bytes is left to the responder to count as malformed.
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();

    // Also when it is over: a server that has not heard the goodbye is told again.
    this.#responder?.receive(bytes, now());

    if (this.#responder?.isQueueing && !this.closed) {
      this.#pathWatch.glance(now());
    }

    if (!this.closed) {
      this.#scheduler.update(this);
    }
  }

  #onChannelClose(): void {
    this.#tell(responder => responder.disconnected('channel-closed', now()));
  }

  #onConnectionState(state: RTCPeerConnectionState): void {
    if (state === 'failed') {
      this.#tell(responder => responder.disconnected('connection-failed', now()));
    } else if (state === 'disconnected') {
      this.#tell(responder => responder.trouble('ice-disconnected', now()));
    } else if (state === 'connected') {
      this.#tell(responder => responder.connected(now()));
    }
  }

  #send(frame: Uint8Array): void {
    if (this.#channel?.readyState === 'open') {
      try {
        this.#channel.send(frame as Uint8Array<ArrayBuffer>);
      } catch {
        // Its buffer is full, or it has just been closed: a lost frame either way.
      }
    }
  }

  #wait(reason: Reason): void {
    this.#tell(responder => responder.wait(reason, now()));
  }

  #change(change: StateChange): void {
    if (this.closed) {
      return;
    }

    this.#state = change.state;
    this.#reason = change.reason;
    this.#changes.add(change);
  }

  #close(reason: Reason): void {
    if (this.closed) {
      return;
    }

    const time = now();

    if (this.#channel?.readyState === 'open') {
      this.#responder?.close(reason, time);
    }

    const silentFor = this.#responder?.stats(time).silentFor ?? 0;

    // In vain where the responder has said so.
    this.#change({ state: 'closed', previous: this.#state, reason, at: time, silentFor });
    this.#negotiation?.cancel();
    // An answer that is still under way would bring it back to the scheduler.
    this.#pathWatch.reset();
    this.#scheduler.remove(this);

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    // The channel stays, until the transport goes: on it the goodbye is repeated where it was lost.
    Object.defineProperty(this.transport, CLOSED, { value: this, configurable: true });
  }

  /** Figures are not told after the end, which may have come by a listener of the observer. */
  #tellFigures<K extends 'stats' | 'sample'>(event: K, ...args: TransportHeartbeatEvents[K]): void {
    this.observer.emit(event, ...args);

    if (!this.closed) {
      this.emit(event, ...args);
    }
  }

  #emit<K extends keyof TransportHeartbeatEvents>(event: K, ...args: TransportHeartbeatEvents[K]): void {
    this.observer.emit(event, ...args);
    this.emit(event, ...args);
  }
}

/** The figures of a heartbeat that has no server half. */
function noStats(): Stats {
  const none = undefined;

  return {
    rtt: { last: none, smoothed: none, variation: none, min: none, p50: none, p95: none },
    loss: { downlink: none, uplink: none, round: none, window: 0 },
    outages: { count: 0, total: 0, longest: 0, last: none },
    sent: 0,
    received: 0,
    late: 0,
    lost: 0,
    malformed: 0,
    internalErrors: 0,
    lastSeenAt: none,
    silentFor: 0,
    upSince: none,
    hidden: false,
    evidence: { missed: 0, deadline: 0, suspicion: 0 },
  };
}
