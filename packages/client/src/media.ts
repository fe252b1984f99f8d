import { checkOptionNames, listen, type State, type Stats, show } from '@mediasoup-heartbeat/protocol';
import {
  isStreamState,
  MEDIA_FLOW_OPTIONS,
  type MediaCounters,
  type MediaFlow,
  MediaFlowMeter,
  type MediaFlowOptions as MediaFlowMeterOptions,
  MediaPoll,
  type MediaState,
  type StreamState,
} from '@mediasoup-heartbeat/protocol/media';
import type { types } from 'mediasoup-client';
import { now } from './clock.ts';
import { EventEmitter } from './EventEmitter.ts';
import type { HeartbeatObserver } from './HeartbeatObserver.ts';
import { type Stream, StreamReader } from './StreamReader.ts';
import { later } from './timer.ts';

export type {
  MediaCounters,
  MediaFlow,
  MediaFlowInput,
  MediaRole,
  MediaState,
  StreamState,
} from '@mediasoup-heartbeat/protocol/media';
export { MediaFlowMeter } from '@mediasoup-heartbeat/protocol/media';

/** The heartbeat of the transport whose media is watched. */
export type MediaFlowHeartbeat = {
  readonly transport: types.Transport;
  readonly state: State;
  readonly stats: Stats;
  readonly closed: boolean;
  readonly observer: HeartbeatObserver;
};

/** Options of `watchMediaFlow()`. All may be left out. */
export type MediaFlowOptions = MediaFlowMeterOptions & {
  /**
   * The heartbeat of the stream's transport. Without it, only the stream decides: a stream that stands still because the server
   * is gone is `silent`. All streams with the same heartbeat share one poll. Default: none.
   */
  heartbeat?: MediaFlowHeartbeat | undefined;
};

/** The events of a {@link MediaFlowWatch}, and of its `observer`. */
export type MediaFlowEvents = {
  /** The state of the media, or of the stream alone, changed. */
  change: [MediaFlow];
  /** The stream flows, and the server is not suspect. */
  flowing: [MediaFlow];
  /** Nothing flows, and that is no fault. */
  silent: [MediaFlow];
  /** The application paused it. */
  paused: [MediaFlow];
  /** The server is alive, and RTP is sent that does not arrive. */
  blocked: [MediaFlow];
  /** The watch has ended: by `close()`, or because the Producer or Consumer was closed, alone or with its transport. */
  close: [];
};

const OWN_EVENTS: ReadonlySet<MediaState> = new Set(['flowing', 'silent', 'paused', 'blocked']);

type OwnEvent = 'flowing' | 'silent' | 'paused' | 'blocked';

type AnyEmitter = Parameters<typeof listen>[0];

/** The polls of transports, and of streams without a heartbeat. */
const polls = new WeakMap<object, MediaPoll<Stream>>();

/** The media of a Producer or Consumer. Made by `watchMediaFlow()`. */
export class MediaFlowWatch extends EventEmitter<MediaFlowEvents> {
  /** The Producer or Consumer. */
  readonly stream: Stream;
  /** Emits the same events, for code that only observes. Its listeners are called before those of the watch. */
  readonly observer: EventEmitter<MediaFlowEvents> = new EventEmitter();
  /** Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are. */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer as unknown as AnyEmitter, 'change', () => listener());
  /** The media as of now: the same frozen object until the next change. */
  readonly getSnapshot = (): MediaFlow => this.#meter.flow;
  readonly #heartbeat: MediaFlowHeartbeat | undefined;
  readonly #meter: MediaFlowMeter;
  readonly #undos: (() => void)[] = [];
  #farSide: StreamState | undefined;
  #closed = false;

  /** @internal */
  constructor(stream: Stream, meter: MediaFlowMeter, heartbeat: MediaFlowHeartbeat | undefined) {
    super();
    this.stream = stream;
    this.#meter = meter;
    this.#heartbeat = heartbeat;

    const update = () => this.#update(undefined);

    for (const event of ['pause', 'resume'] as const) {
      this.#undos.push(listen(stream.observer, event, update));
    }

    this.#undos.push(listen(stream.observer, 'close', () => this.close()));

    if (heartbeat !== undefined) {
      this.#undos.push(listen(heartbeat.observer as unknown as AnyEmitter, 'statechange', update));
    }

    this.#undos.push(this.#poll(meter.readEvery));
    this.#update(undefined);
  }

  /** The media as of now. */
  get flow(): MediaFlow {
    return this.#meter.flow;
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Tells what the other side says of the same stream: the `flow.stream` of the server's own watch, over the application's signalling.
   * Without it `blocked` is known here only of a Producer about which no receiver report has come for about 18 s.
   *
   * @param stream - From the server, so it may be anything.
   * @returns `false` if it is no state of a stream, and is ignored.
   */
  hear(stream: unknown): boolean {
    if (!isStreamState(stream)) {
      return false;
    }

    this.#farSide = stream;
    this.#update(undefined);

    return true;
  }

  /** Ends it. */
  close(): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    this.#emit('close', []);
  }

  #poll(readEvery: number): () => void {
    const key = this.#heartbeat?.transport ?? this.stream;
    const poll = polls.get(key) ?? this.#newPoll();
    const { stream } = this;
    const watcher = {
      stream,
      readEvery,
      get isPaused() {
        return stream.paused;
      },
      take: (counters: MediaCounters | undefined) => this.#update(counters),
    };

    polls.set(key, poll);
    poll.add(watcher);

    return () => poll.delete(watcher);
  }

  #newPoll(): MediaPoll<Stream> {
    const reader = new StreamReader(this.#heartbeat?.transport ?? this.stream, now);

    return new MediaPoll({ setTimer, read: streams => reader.read(streams) });
  }

  #update(counters: MediaCounters | undefined): void {
    const heartbeat = this.#heartbeat?.closed === false ? this.#heartbeat : undefined;
    const before = this.#meter.flow;

    if (this.#closed) {
      return;
    }

    const flow = this.#meter.update({
      at: now(),
      counters,
      isPaused: this.stream.paused,
      connection: heartbeat?.state,
      lastSeenAt: () => heartbeat?.stats.lastSeenAt,
      farSide: this.#farSide,
    });

    if (flow === before) {
      return;
    }

    this.#emit('change', [flow]);

    // A listener may have ended it.
    if (flow.state !== before.state && OWN_EVENTS.has(flow.state) && !this.#closed) {
      this.#emit(flow.state as OwnEvent, [flow]);
    }
  }

  #emit<E extends keyof MediaFlowEvents>(event: E, args: MediaFlowEvents[E]): void {
    this.observer.emit(event, ...args);
    this.emit(event, ...args);
  }
}

function setTimer(callback: () => void, ms: number): () => void {
  const timer = later(callback, ms);

  return () => clearTimeout(timer);
}

/**
 * Watches whether the media of a Producer or Consumer flows, beside its heartbeat: liveness never depends on media, and a peer that is muted
 * raises no alarm. The state is `flowing`, `silent`, `paused`, `blocked`, `suspect` or `dead`.
 *
 * It reads the statistics of the stream four times within `silentAfter`, by one poll for all streams with the same heartbeat. A paused
 * stream is not read. It ends with the Producer or Consumer.
 *
 * @throws TypeError if an argument or option is invalid.
 *
 * @example
 * ```ts
 * import { watchMediaFlow } from '@mediasoup-heartbeat/client/media';
 *
 * const media = watchMediaFlow(producer, { heartbeat: heartbeats.transports.get(transport.id) });
 *
 * media.on('change', ({ stream }) => signaling.send('media', { producerId: producer.id, stream }));
 * ```
 */
export function watchMediaFlow(stream: Stream, options: MediaFlowOptions = {}): MediaFlowWatch {
  if (!isStream(stream) || stream.closed) {
    throw new TypeError(`watchMediaFlow(): stream must be an open Producer or Consumer, got ${show(stream)}`);
  }

  checkOptionNames('watchMediaFlow()', { ...MEDIA_FLOW_OPTIONS, heartbeat: 0 }, options);

  const { heartbeat } = options;

  if (heartbeat !== undefined && (typeof heartbeat?.observer?.on !== 'function' || heartbeat.closed)) {
    throw new TypeError(
      `watchMediaFlow(): heartbeat must be the heartbeat of its transport, and open, got ${show(heartbeat)}`,
    );
  }

  const role = 'producerId' in stream ? 'receiver' : 'sender';

  return new MediaFlowWatch(stream, new MediaFlowMeter(options, role, now()), heartbeat);
}

/** Not a DataProducer or DataConsumer, which have no kind. */
function isStream(value: unknown): value is Stream {
  const { kind, getStats } = Object(value);

  return (kind === 'audio' || kind === 'video') && typeof getStats === 'function';
}
