import {
  type Acceptance,
  before,
  ClientEndpoint,
  createAdaptiveDetector,
  EndpointLoop,
  type HeartbeatEvents,
  INTERRUPTION,
  type LoopOwner,
  type Loops,
  listen,
  type PeerReport,
  type Reason,
  type RecoveryCause,
  type RecoveryFailed,
  readDescriptor,
  type Snapshot,
  type State,
  type StateChange,
  type Stats,
  type Undo,
} from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { type ChannelHost, ChannelNegotiation } from './ChannelNegotiation.ts';
import type { ResolvedClientOptions } from './ClientHeartbeatOptions.ts';
import { now } from './clock.ts';
import { EventEmitter } from './EventEmitter.ts';
import { handlerOf } from './handler.ts';
import { droppedLog, negotiationLog, stateLog } from './logs.ts';
import { type ClientPath, readPath } from './readPath.ts';
import { type RecoveryHost, TransportRecovery } from './recovery/TransportRecovery.ts';
import { later } from './timer.ts';
import { noteOffered, noteUnoffered } from './unoffered.ts';

/** The events of a transport's heartbeat, and of its `observer`. */
export type TransportHeartbeatEvents = HeartbeatEvents & {
  /** With `recover`: recovery was given up, until the browser hints at another network or the path returns by itself. */
  recoveryfailed: [RecoveryFailed];
};

/** The property of a transport that holds its last closed heartbeat. A registered symbol, for all copies of this package. */
const CLOSED = Symbol.for('@mediasoup-heartbeat/client: closed');

/** What makes the server dead, or suspect, with which ICE has nothing to do. */
const NOT_THE_PATH: readonly Reason[] = [
  'goodbye',
  'channel-closed',
  'channel-lost',
  'protocol-violation',
  'no-answer',
];

/** Firefox closes a channel this long after its connection has failed at most, in ms. */
const CLOSES_WITHIN = 100;

/** A round trip that nobody has measured yet, in ms. */
const UNKNOWN_RTT = 200;

/** The interval if there is no server side. Nothing is judged by it. */
const NO_INTERVAL = 1000;

/**
 * Answers the server's pings on one transport, and judges the server by them.
 *
 * Made by a `DeviceHeartbeat`, for each transport. It closes with its transport.
 */
export class TransportHeartbeat<
  HeartbeatAppData extends types.AppData = types.AppData,
> extends EventEmitter<TransportHeartbeatEvents> {
  /** The transport it watches. */
  readonly transport: types.Transport;
  /** What the server sent, whatever it is. */
  readonly descriptor: unknown;
  /** Emits the same events, for code that only observes. Its listeners are called before those of the heartbeat. */
  readonly observer: EventEmitter<TransportHeartbeatEvents> = new EventEmitter(event =>
    this.#onListener(event),
  );
  /** Custom data of the application. */
  appData: HeartbeatAppData;
  /**
   * Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are, for
   * example to React's `useSyncExternalStore(heartbeat.subscribe, heartbeat.getSnapshot)`.
   */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'statechange', () => listener());
  /** The latest change of the state: the same frozen object until the next one. */
  readonly getSnapshot = (): Snapshot => this.#loop.snapshot;
  readonly #options: ResolvedClientOptions;
  readonly #endpoint: ClientEndpoint;
  readonly #loop: EndpointLoop<ClientEndpoint>;
  readonly #undos: Undo[] = [];
  readonly #version: number | undefined;
  readonly #recovery: TransportRecovery | undefined;
  #negotiation: ChannelNegotiation | undefined;
  #channel: RTCDataChannel | undefined;
  /** Our own address on the path in use, as the browser last told it. */
  #address: string | undefined;
  /** A usual round trip on the path before this one, in ms. */
  #rttBefore = UNKNOWN_RTT;
  /** Whether the browser has given the connection up, and it has not come back since. */
  #hasFailed = false;

  /**
   * @internal
   * @param descriptor - What the server sent, whatever it is.
   */
  constructor(transport: types.Transport, descriptor: unknown, options: ResolvedClientOptions, loops: Loops) {
    super(event => this.#onListener(event));

    const result = readDescriptor(descriptor);
    const handler = handlerOf(transport);
    // FakeHandler's channels never open, and would change the application's stream ids.
    const isFake = handler.name === 'FakeHandler';
    const bounds = options.bounds(result.ok ? result.descriptor.interval : NO_INTERVAL);
    const { detector = createAdaptiveDetector, firstPingTimeout } = options;

    this.transport = transport;
    this.descriptor = descriptor;
    this.appData = {} as HeartbeatAppData;
    this.#options = options;
    this.#version = result.ok && !isFake ? result.version : undefined;
    this.#endpoint = new ClientEndpoint({
      version: this.#version,
      bounds,
      detector: detector(bounds, 'client'),
      firstPingTimeout,
      instance: Math.floor(Math.random() * 2 ** 32),
      now: now(),
    });
    this.#recovery =
      options.recover && result.ok && !isFake
        ? new TransportRecovery(transport, options.recover, this.#recoveryHost())
        : undefined;
    this.#loop = new EndpointLoop(this.#endpoint, this.#owner(), loops);
    this.#undos.push(before(handler, 'close', () => this.#close('transport-closed')));
    negotiationLog(
      '%s descriptor read: %j, %s',
      transport.id,
      descriptor,
      result.ok ? 'accepted' : result.reason,
    );

    if (result.ok) {
      noteOffered();
    } else if (!isFake && result.reason === 'no-server-half') {
      const undo = listen(handler, '@connectionstatechange', (state: RTCPeerConnectionState) => {
        if (state === 'connected') {
          undo();
          noteUnoffered(transport.id);
        }
      });

      this.#undos.push(undo);
    }

    if (result.ok && !isFake) {
      this.#undos.push(
        listen(handler, '@connectionstatechange', (state: RTCPeerConnectionState) =>
          this.#onConnectionState(state),
        ),
        before(handler, 'restartIce', () => this.#onRestart()),
      );
      this.#getChannel(result.descriptor.streamId, result.version);
    } else {
      this.feed((endpoint, at) => endpoint.giveUp(isFake || result.ok ? 'fake-handler' : result.reason, at));
    }
  }

  /** The transport's id. */
  get id(): string {
    return this.transport.id;
  }

  /** The state, see `State`. */
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

  /** How the server sees this client on this transport, by its latest report. `undefined` before that. */
  get report(): PeerReport | undefined {
    return this.#endpoint.report;
  }

  /**
   * What the server needs to get. It is in the `dtlsParameters` of the `connect` event. With `{ advertise: false }` pass it on by your
   * own signalling, for the server's `heartbeat.accept(acceptance)`. A plain object for JSON. `undefined` if there is nothing to
   * accept, or no channel to answer on.
   */
  get acceptance(): Acceptance | undefined {
    if (this.closed || this.#version === undefined || this.#endpoint.hasGivenUp) {
      return undefined;
    }

    // Whoever reads it may pass it on.
    this.#negotiation?.promise();
    negotiationLog('%s acceptance read by the application', this.id);

    return { version: this.#version };
  }

  /** Whether the path is lost and, with `recover`, being restored. */
  get recovering(): boolean {
    return this.#recovery?.isAway ?? false;
  }

  /** Whether the heartbeat is closed. */
  get closed(): boolean {
    return this.state === 'closed';
  }

  /**
   * Announces an interruption, such as a planned move to another network. Until it is over the state does not get worse, on both sides.
   * `transport.restartIce()` announces itself.
   *
   * Several may overlap: the state does not get worse until the latest is over. Interruptions that are announced without a sign of
   * life between them count from the first one, so repeated announcements do not postpone death for ever.
   *
   * @param duration - How long it may last, in ms. 100–120000, default 10000.
   * @returns A function that ends this interruption early, and no other.
   * @throws TypeError if the duration is not a number in this range.
   */
  expectInterruption(duration: number = INTERRUPTION.default): () => void {
    return this.#loop.expectInterruption(duration);
  }

  /** Ends the heartbeat. The server is told; the transport stays open. */
  close(): void {
    this.#close('heartbeat-closed');
  }

  /**
   * What the transport's next heartbeat takes over after this was closed. The server waits for an answer on that stream, and a
   * stream id can be used only once.
   *
   * @internal
   */
  handOver(): { negotiation?: ChannelNegotiation | undefined; channel?: RTCDataChannel | undefined } {
    const left = { negotiation: this.#negotiation, channel: this.#channel };

    // From now on the next heartbeat answers on the channel.
    this.#channel = undefined;

    return left;
  }

  /**
   * Gives the endpoint an input, unless the heartbeat is closed.
   *
   * @internal
   */
  feed(input: (endpoint: ClientEndpoint, now: number) => void): void {
    if (!this.closed) {
      this.#loop.feed(input);
    }
  }

  #owner(): LoopOwner {
    const hasListeners = (event: 'stats' | 'sample') =>
      this.listenerCount(event) + this.observer.listenerCount(event) > 0;

    return {
      transmit: frame => this.#transmit(frame),
      readPath: () => {
        if (this.#mayRecover) {
          // After a ping that did not end the doubt, the recovery has forgotten it.
          this.state === 'alive' ? this.#recovery?.uneasy() : this.#recovery?.doubted('silence');
        }

        return this.#readPath();
      },
      emit: (event, ...args) => this.#tell(event, ...(args as TransportHeartbeatEvents[typeof event])),
      silence: () => this.#channel?.close(),
      logDrop: cause => droppedLog('%s received, not used: %s', this.id, String(cause)),
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

  /** Somebody wants the figures from now on, while perhaps nothing else is ever due. */
  #onListener(event: keyof TransportHeartbeatEvents): void {
    if (event === 'stats' && !this.closed) {
      this.#loop.statsWanted();
    }
  }

  #getChannel(streamId: number, version: number): void {
    const host: ChannelHost = {
      negotiated: channel => this.#useChannel(channel),
      refused: () => this.feed((endpoint, at) => endpoint.decline('not-connected', at)),
      failed: reason => this.feed((endpoint, at) => endpoint.giveUp(reason, at)),
    };
    const { connectIdleAfter, advertise } = this.#options;
    const acceptance = advertise ? { version } : undefined;
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

  #useChannel(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';

    const listen = (event: string, listener: (event: { data?: unknown }) => void) =>
      channel.addEventListener(event, of => {
        // Not after the channel was handed over.
        if (this.#channel === channel) {
          listener(of as MessageEvent);
        }
      });

    listen('close', () => {
      negotiationLog('%s channel closed', this.id);
      this.feed((endpoint, at) =>
        endpoint.disconnected(this.#hasFailed ? 'channel-lost' : 'channel-closed', at),
      );

      if (this.#hasFailed) {
        this.#recovery?.channelLost();
      }
    });
    // Answered at once, never by a timer: a background page's timers are throttled.
    listen('message', ({ data }) => this.#onMessage(data));

    // It may be open before its event comes.
    if (channel.readyState === 'open') {
      this.#onOpen();
    } else {
      listen('open', () => this.#onOpen());
    }
  }

  /** Also when closed: the server may wait for an answer, and now gets the goodbye. */
  #onOpen(): void {
    negotiationLog('%s channel open', this.id);
    this.#loop.feed((endpoint, at) => endpoint.opened(at));
  }

  /** Also when closed: a server that has not heard the goodbye gets it again. */
  #onMessage(data: unknown): void {
    // The endpoint counts anything that is not bytes as malformed.
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();

    const recovery = this.#recovery?.isIdle ? undefined : this.#recovery;
    const seenAt = recovery && this.stats.lastSeenAt;

    this.#loop.feed((endpoint, at) => endpoint.handleFrame(bytes, at));

    if (recovery && this.stats.lastSeenAt !== seenAt) {
      recovery.feed((ladder, at) => ladder.pinged(at));
    }
  }

  #onConnectionState(state: RTCPeerConnectionState): void {
    this.#hasFailed = state === 'failed' || (this.#hasFailed && state !== 'connected');

    if (state === 'failed') {
      this.#onFailed();

      if (this.#mayRecover) {
        this.#recovery?.iceFailed();
      }
    } else if (state === 'disconnected') {
      this.feed((endpoint, at) => endpoint.handleDegraded('ice-disconnected', at));
    } else if (state === 'connected') {
      this.feed((endpoint, at) => endpoint.connected(at));
    }
  }

  /** Firefox closes the channels with a connection that it gives up, and says so right after it: that is the better reason. */
  #onFailed(): void {
    const tell = () =>
      this.#hasFailed && this.feed((endpoint, at) => endpoint.disconnected('connection-failed', at));

    if (handlerOf(this.transport).name.startsWith('Firefox')) {
      later(tell, CLOSES_WITHIN);
    } else {
      tell();
    }
  }

  async #readPath(): Promise<ClientPath> {
    const path = await readPath(this.transport);
    const { address } = path;

    // Both are known after a doubt and before its end.
    if (address && this.#address && address !== this.#address) {
      this.#rttBefore = this.#rtt;
      this.feed((endpoint, at) => endpoint.handleOtherPath(at));
    }

    this.#address = address || this.#address;

    return path;
  }

  #recoveryHost(): RecoveryHost {
    const heartbeat = this;

    return {
      readPath: () => this.#readPath(),
      probe: () => this.feed((endpoint, at) => endpoint.handleHint(at)),
      tell: (event, ...args) => this.#tell(event, ...(args as TransportHeartbeatEvents[typeof event])),
      get rtt() {
        return heartbeat.#rtt;
      },
      get lastSeenAt() {
        return heartbeat.stats.lastSeenAt ?? 0;
      },
    };
  }

  get #rtt(): number {
    return this.stats.rtt.smoothed ?? this.#rttBefore;
  }

  /** Whether the path may be at fault, if anything is. */
  get #mayRecover(): boolean {
    const { state, reason } = this;

    return state === 'alive' || ((state === 'suspect' || state === 'dead') && !NOT_THE_PATH.includes(reason));
  }

  #transmit(frame: Uint8Array): void {
    if (this.#channel?.readyState !== 'open') {
      droppedLog('%s not sent: the channel is closed', this.id);

      return;
    }

    try {
      this.#channel.send(frame as Uint8Array<ArrayBuffer>);
    } catch (error) {
      // Its buffer is full, or it has just been closed: the frame is lost.
      droppedLog('%s not sent: %s', this.id, error);
    }
  }

  #close(reason: Reason): void {
    if (this.closed) {
      return;
    }

    this.#loop.stop();
    this.#recovery?.close();
    this.#loop.feed((endpoint, at) => endpoint.close(reason, at));
    this.#negotiation?.cancel();

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    // The channel stays until the transport is closed: a lost goodbye is repeated on it.
    Object.defineProperty(this.transport, CLOSED, { value: this, configurable: true });
  }

  /** ICE is being restarted, by the application or by the recovery. What the library does by itself postpones no verdict. */
  #onRestart(): void {
    if (!this.#recovery?.isRestarting) {
      this.#recovery?.feed((ladder, at) => ladder.applicationRestarted(at));
      this.feed((endpoint, at) => endpoint.handleRestart(INTERRUPTION.default, at));
    }
  }

  /**
   * The network may have changed.
   *
   * @internal
   * @param goneAt - When the last network was gone. If the server was not heard since, the path is lost for sure.
   */
  hint(cause: RecoveryCause | undefined, goneAt?: number): void {
    this.feed((endpoint, at) => endpoint.handleHint(at));

    if (cause && this.#mayRecover) {
      this.#recovery?.hinted(cause, (this.stats.lastSeenAt ?? 0) < (goneAt ?? 0));
    }
  }

  /** The state has changed, and the application knows it. */
  #recover(): void {
    const { state, reason } = this;

    if (!this.#mayRecover) {
      // Without its channel the path is still restored for the media.
      reason !== 'channel-lost' && this.#recovery?.stop();
    } else if (state !== 'alive') {
      this.#recovery?.doubted(reason === 'ice-disconnected' ? reason : 'silence');
    }
  }

  #log({ state, previous, reason, silentFor }: StateChange): void {
    if (stateLog.enabled) {
      const { evidence } = this.stats;
      const silence = Math.round(silentFor);

      stateLog('%s %s → %s (%s), silent for %d ms, %j', this.id, previous, state, reason, silence, evidence);
    }
  }

  #tell<K extends keyof TransportHeartbeatEvents>(event: K, ...args: TransportHeartbeatEvents[K]): void {
    if (event === 'internalerror') {
      console.error('mediasoup-heartbeat: internal error, please report it', ...args);
    }

    if (event === 'statechange') {
      this.#log(args[0] as StateChange);
    }

    this.observer.emit(event, ...args);

    // No figures after the end: a listener of the observer may just have closed the heartbeat.
    if (!this.closed || (event !== 'stats' && event !== 'sample')) {
      this.emit(event, ...args);
    }

    // A listener may have closed it.
    if (event === 'statechange' && !this.closed) {
      this.#recover();
    }
  }
}
