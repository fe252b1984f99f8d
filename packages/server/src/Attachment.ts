import { randomInt } from 'node:crypto';
import {
  before,
  createAdaptiveDetector,
  type Descriptor,
  EndpointLoop,
  GoodbyeCause,
  INTERRUPTION,
  type LoopOwner,
  type PathCounters,
  PROTOCOL_VERSION,
  type Reason,
  readAcceptance,
  ServerEndpoint,
  SUPPORTED_VERSIONS,
  show,
  type Undo,
} from '@mediasoup-heartbeat/protocol';
import { Channel } from './Channel.ts';
import { now } from './clock.ts';
import type { HeartbeatEvents } from './Heartbeat.ts';
import type { ResolvedOptions } from './HeartbeatOptions.ts';
import { type HeartbeatTransport, isConnected, observerOf } from './HeartbeatTransport.ts';
import { healthOf } from './localHealth.ts';
import { droppedLog, negotiationLog } from './logs.ts';
import { loops, nextPhase, slotOf } from './loops.ts';
import { type TransportOwner, whyClosed } from './RouterRegistry.ts';
import { readPath } from './readPath.ts';
import { StreamTakenError } from './StreamReservation.ts';
import { advertise, onConnect, onRestartIce } from './transportHooks.ts';
import { noteAccepted, noteUnaccepted } from './unaccepted.ts';
import { warnOnce } from './warnOnce.ts';

/** What is used of the path that ICE has chosen. */
type Tuple = { remoteIp?: string | undefined };

/** An unpredictable token. */
const randomToken = () => randomInt(2 ** 32);

/** Whose transport an observer is of, for the listeners that all attachments share. */
const attachments = new WeakMap<object, Attachment>();

/** The input that comes most often. */
const handleFrame = (endpoint: ServerEndpoint, now: number, frame: Buffer) =>
  endpoint.handleFrame(frame, now);

/** Tells the listeners of a heartbeat. */
type Emit = <E extends keyof HeartbeatEvents>(event: E, ...args: HeartbeatEvents[E]) => void;

/**
 * Binds a heartbeat to its transport: the hooks on the transport, the client's acceptance, the channel and the endpoint. It
 * feeds the endpoint and does what the endpoint asks for. It decides nothing about liveness.
 */
export class Attachment implements LoopOwner {
  readonly transport: HeartbeatTransport;
  readonly options: ResolvedOptions;
  readonly endpoint: ServerEndpoint;
  /** Tells the listeners. Set by the heartbeat. */
  emit: Emit = () => {};
  /** Whether somebody listens to an event. Set by the heartbeat. */
  hasListeners: (event: 'stats' | 'sample') => boolean = () => false;
  readonly loop: EndpointLoop<ServerEndpoint>;
  readonly #owner: TransportOwner;
  #undos: readonly Undo[] = [];
  #channel: Channel | undefined;
  #descriptor: Descriptor | undefined;
  /** Whether the application has read the descriptor, to send it to the client. */
  #isDescriptorRead = false;
  /** Whether the transport has been connected, so that the client has accepted or not. */
  #isConnected = false;
  /** The version of an acceptance that the application passed by `accept()` before the transport was connected. */
  #handedOver: number | undefined;
  /** Whether a client has accepted, so that the stream is the heartbeat's. */
  #isAccepted = false;
  /** Whether the heartbeat is about to close: what it sends now is the goodbye. */
  #isLeaving = false;

  constructor(transport: HeartbeatTransport, owner: TransportOwner, options: ResolvedOptions) {
    const { bounds, detector = createAdaptiveDetector, firstPongTimeout, frozenTimeout } = options;

    this.transport = transport;
    this.options = options;
    this.#owner = owner;
    this.endpoint = new ServerEndpoint({
      bounds,
      detector: detector(bounds, 'server'),
      firstPongTimeout,
      frozenTimeout,
      phase: nextPhase(bounds.interval),
      slot: () => slotOf(bounds.interval, loops.size),
      health: options.localHealth ? healthOf(owner.worker) : [],
      random: randomToken,
      now: now(),
    });
    this.loop = new EndpointLoop(this.endpoint, this, loops);
  }

  /** What the client needs to know. */
  get descriptor(): Descriptor {
    this.#noteRead();

    return this.#descriptor as Descriptor;
  }

  get isClosed(): boolean {
    return this.endpoint.state === 'closed';
  }

  /** Reserves the stream and waits for the client's acceptance. Called once. */
  async open(): Promise<void> {
    const { transport, options } = this;

    // Before anything is awaited, because the application may connect the transport meanwhile.
    this.#undos = [
      onConnect(transport, acceptance => this.#onConnected(acceptance)),
      onRestartIce(transport, () =>
        this.feed((endpoint, at) => endpoint.handleRestart(INTERRUPTION.default, at)),
      ),
      before(transport, 'close', () => this.#leave(GoodbyeCause.TransportClosing)),
    ];
    this.#watchTransport();

    try {
      this.#channel = await Channel.reserve(transport, this.#owner.router, options.vouch);
    } catch (error) {
      if (this.isClosed) {
        throw this.#closedMeanwhile({ cause: error });
      }

      this.close('heartbeat-closed');
      throw error;
    }

    this.#descriptor = {
      versions: SUPPORTED_VERSIONS,
      streamId: this.#channel.streamId,
      interval: options.bounds.interval,
    };

    if (this.isClosed) {
      this.#release(false);
      throw this.#closedMeanwhile();
    }

    negotiationLog('%s descriptor made: %j', transport.id, this.#descriptor);

    if (options.advertise) {
      this.#undos = [...this.#undos, advertise(transport, this.#descriptor, () => this.#noteRead())];
    }

    if (this.#isConnected || isConnected(transport)) {
      negotiationLog('%s was connected before the heartbeat was attached', transport.id);
      // Connected by a client that cannot know of the heartbeat.
      this.#isConnected = false;
      this.#onConnected(undefined);
    }
  }

  /** Gives the endpoint an input, unless the heartbeat is closed. */
  feed<T = undefined>(input: (endpoint: ServerEndpoint, now: number, subject: T) => void, subject?: T): void {
    if (!this.isClosed) {
      this.loop.feed(input, subject);
    }
  }

  /** See `Heartbeat.accept`. */
  accept(acceptance: unknown): boolean {
    const result = readAcceptance(acceptance);

    if (this.isClosed || acceptance === undefined || acceptance === null) {
      return this.#isAccepted || this.#handedOver !== undefined;
    } else if (!result.ok && result.reason === 'no-client-half') {
      throw new TypeError(
        `accept(): acceptance must be an object like { version: 1 }, got ${show(acceptance)}. Pass on what the ` +
          "client's attach(transport, descriptor).acceptance is, unchanged.",
      );
    } else if (this.#isAccepted) {
      return true;
    }

    negotiationLog('%s acceptance handed over: %j', this.transport.id, acceptance);

    if (!result.ok) {
      this.#isConnected = true;
      this.#decline(result.reason);
    } else if (this.#isConnected) {
      this.#accept(result.version);
    } else {
      this.#handedOver = result.version;
    }

    return result.ok;
  }

  /** Ends the heartbeat and removes everything of it from the transport. */
  close(reason: Reason): void {
    if (!this.isClosed) {
      const hasStream = this.#hasStream;

      this.#leave(GoodbyeCause.HeartbeatOff);
      this.loop.stop();
      this.loop.feed((endpoint, at) => endpoint.close(reason, at));
      this.#release(hasStream);

      // With signalling of its own, the application would have handed the acceptance over by now.
      if (this.#isConnected && !this.#isAccepted && !this.options.advertise) {
        noteUnaccepted(this.#owner.router);
      }
    }
  }

  transmit(frame: Uint8Array): void {
    if (this.#isLeaving) {
      this.#channel?.sendLast(frame);
    } else {
      this.#channel?.send(frame);
    }
  }

  readPath(): Promise<PathCounters> {
    return readPath(this.transport, this.#channel as Channel, this.endpoint.isQueueing);
  }

  logDrop(cause: string | Error): void {
    droppedLog('%s received, not used: %s', this.transport.id, String(cause));
  }

  get wantsStats(): boolean {
    return this.hasListeners('stats');
  }

  get wantsSamples(): boolean {
    return this.hasListeners('sample');
  }

  get wantsDrops(): boolean {
    return droppedLog.enabled;
  }

  silence(): void {
    this.#channel?.silence();
  }

  /** The listeners of all transports, which find their attachment by `this`. Closures for each would take a kilobyte. */
  static readonly #listeners = {
    icestatechange(state: string) {
      Attachment.#tell(this, attachment => attachment.#onIceState(state));
    },
    // The client has another address or another network. Pipe and plain transports have no such event.
    iceselectedtuplechange(tuple: Tuple) {
      Attachment.#tell(this, attachment => attachment.#onTuple(tuple));
    },
    dtlsstatechange(state: string) {
      Attachment.#tell(this, attachment => attachment.#onDtlsState(state));
    },
    sctpstatechange(state: string) {
      Attachment.#tell(this, attachment => attachment.#onSctpState(state));
    },
    close() {
      Attachment.#tell(this, attachment => attachment.close(whyClosed(attachment.#owner)));
    },
  };

  static #tell(observer: object, event: (attachment: Attachment) => void): void {
    const attachment = attachments.get(observer);

    if (attachment !== undefined) {
      event(attachment);
    }
  }

  #watchTransport(): void {
    const observer = observerOf(this.transport);

    attachments.set(observer, this);

    for (const [event, listener] of Object.entries(Attachment.#listeners)) {
      observer.on(event, listener);
    }

    if (this.transport.type === 'webrtc') {
      this.#onIceState(this.transport.iceState);
      this.#onTuple(this.transport.iceSelectedTuple);
    }
  }

  #onConnected(acceptance: unknown): void {
    const result = readAcceptance(acceptance);
    const { vouch, advertise: isAdvertised } = this.options;

    if (this.isClosed || this.#isConnected) {
      return;
    }

    this.#isConnected = true;
    negotiationLog('%s connected, acceptance: %j', this.transport.id, acceptance);

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

      // The acceptance would have come with connect(). It will not come any more.
      if (isAdvertised) {
        this.#channel?.declined();
        this.#findMistake(result.reason);
      }
    }
  }

  #noteRead(): void {
    if (!this.#isDescriptorRead) {
      this.#isDescriptorRead = true;
      negotiationLog('%s descriptor read by the application', this.transport.id);
    }
  }

  /** The client has not accepted: the application may have kept it from that. */
  #findMistake(reason: Reason): void {
    if (reason !== 'no-client-half') {
      return;
    } else if (this.#isDescriptorRead || this.transport.type !== 'webrtc') {
      noteUnaccepted(this.#owner.router);
    } else {
      warnOnce(
        'MEDIASOUP_HEARTBEAT_LATE',
        `attachHeartbeat(): transport ${this.transport.id} was connected, but nobody has read its sctpParameters since ` +
          'the heartbeat was attached, so its client knows of no heartbeat. Await attachHeartbeat(transport) right after ' +
          'creating the transport, then send transport.sctpParameters to the client.',
      );
    }
  }

  #decline(reason: 'no-client-half' | 'version-mismatch' | 'stream-id-taken'): void {
    negotiationLog('%s no heartbeat for this client: %s', this.transport.id, reason);
    this.feed((endpoint, at) => endpoint.decline(reason, at));
  }

  async #accept(version: number, isGuess = false): Promise<void> {
    this.#isAccepted = true;
    noteAccepted(this.#owner.router);
    negotiationLog('%s accepted, version %d%s', this.transport.id, version, isGuess ? ' by guess' : '');

    try {
      await this.#channel?.open(
        message => this.feed(handleFrame, message),
        () => {
          // The association is up, so the client has closed its channel on purpose.
          negotiationLog('%s the client has closed its channel', this.transport.id);
          this.#decline('no-client-half');
        },
      );
    } catch (error) {
      this.#onChannelError(error as Error);

      return;
    }

    // Only now: frames that are sent before the channel is open are lost.
    this.feed((endpoint, at) => endpoint.accept(version, at, isGuess));
    this.#tellPath();
  }

  /** Tells the endpoint the state of the path, which it has not followed until now. */
  #tellPath(): void {
    const { transport } = this;

    this.#onSctpState(transport.sctpState ?? 'new');

    if (transport.type === 'webrtc') {
      this.#onDtlsState(transport.dtlsState);
    }
  }

  #onChannelError(error: Error): void {
    if (this.isClosed || this.transport.closed) {
      // That is the cause, and the transport's own events tell it.
    } else if (error instanceof StreamTakenError) {
      this.#decline('stream-id-taken');
    } else {
      negotiationLog('%s mediasoup refused the channel: %s', this.transport.id, error.message);
      // Without a return stream every peer would seem dead.
      this.emit('channelerror', error);
      this.close('channel-failed');
    }
  }

  #onIceState(state: string): void {
    if (state === 'disconnected') {
      this.feed((endpoint, at) => endpoint.handleIce('lost', at));
    } else if (state === 'connected' || state === 'completed') {
      this.feed((endpoint, at) => endpoint.handleIce('up', at));
    }
  }

  #onTuple(tuple: Tuple | undefined): void {
    if (tuple?.remoteIp !== undefined) {
      const { remoteIp } = tuple;

      this.feed((endpoint, at) => endpoint.handleOtherPath(remoteIp, at));
    }
  }

  #onDtlsState(state: string): void {
    if (state === 'failed' || state === 'closed') {
      this.feed((endpoint, at) => endpoint.disconnected(`dtls-${state}`, at));
    }
  }

  #onSctpState(state: string): void {
    if (state === 'connected') {
      this.feed((endpoint, at) => endpoint.connected(at));

      // A PlainTransport with `comedia` connects without a call of connect().
      if (this.options.vouch || this.#handedOver !== undefined) {
        this.#onConnected(undefined);
      }
    } else if (state === 'failed' || state === 'closed') {
      this.feed((endpoint, at) => endpoint.disconnected(`sctp-${state}`, at));
    }
  }

  #closedMeanwhile(options?: ErrorOptions): Error {
    const { reason } = this.endpoint;

    return new Error(`attachHeartbeat(): the transport was closed meanwhile (${reason})`, options);
  }

  #leave(cause: number): void {
    this.#isLeaving = true;
    this.feed((endpoint, at) => endpoint.depart(cause, at));
  }

  /** Whether a client has its channel on the stream: it has accepted and has not left since. */
  get #hasStream(): boolean {
    const { reason } = this.endpoint;

    return this.#isAccepted && reason !== 'no-client-half' && reason !== 'stream-id-taken';
  }

  #release(hasStream: boolean): void {
    const undos = this.#undos;

    this.#undos = [];

    for (const undo of undos) {
      undo();
    }

    this.#unwatchTransport();
    this.#channel?.close(hasStream);
  }

  #unwatchTransport(): void {
    const observer = observerOf(this.transport);

    // The next heartbeat of this transport has the same listeners.
    if (attachments.get(observer) === this) {
      attachments.delete(observer);

      for (const [event, listener] of Object.entries(Attachment.#listeners)) {
        observer.off(event, listener);
      }
    }
  }
}
