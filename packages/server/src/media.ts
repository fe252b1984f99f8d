import {
  checkOptionNames,
  listen,
  type State,
  type StateChange,
  type Stats,
  show,
} from '@mediasoup-heartbeat/protocol';
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
import type { Consumer, Producer } from 'mediasoup/types';
import { now } from './clock.ts';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';
import { readStream } from './readStream.ts';

export type {
  MediaCounters,
  MediaFlow,
  MediaFlowInput,
  MediaRole,
  MediaState,
  StreamState,
} from '@mediasoup-heartbeat/protocol/media';
export { MediaFlowMeter } from '@mediasoup-heartbeat/protocol/media';

/** The heartbeat beside which media is watched: what `attachHeartbeat()` returns. */
export type MediaFlowHeartbeat = {
  readonly transport: HeartbeatTransport;
  readonly state: State;
  readonly stats: Stats;
  readonly closed: boolean;
  readonly observer: EnhancedEventEmitter<{ statechange: [StateChange] }>;
};

/** Options of `watchMediaFlow()`. All may be left out. */
export type MediaFlowOptions = MediaFlowMeterOptions & {
  /**
   * The heartbeat of the stream's transport. Without it, only the stream decides: a stream that stands still because its client
   * is gone is `silent`. All streams with the same heartbeat share one poll. Default: none.
   */
  heartbeat?: MediaFlowHeartbeat | undefined;
};

/** The events of a {@link MediaFlowWatch}, and of its `observer`. */
export type MediaFlowEvents = {
  /** The state of the media, or of the stream alone, changed. */
  change: [MediaFlow];
  /** The stream flows, and the client is not suspect. */
  flowing: [MediaFlow];
  /** Nothing flows, and that is no fault. */
  silent: [MediaFlow];
  /** The application paused it. */
  paused: [MediaFlow];
  /** The client is alive, and RTP is sent that does not arrive. */
  blocked: [MediaFlow];
  /** The watch has ended: by `close()`, or because the Producer or Consumer was closed, with its transport, Router or Worker or alone. */
  close: [];
};

const OWN_EVENTS: ReadonlySet<MediaState> = new Set(['flowing', 'silent', 'paused', 'blocked']);

type OwnEvent = 'flowing' | 'silent' | 'paused' | 'blocked';

/** The polls of transports, and of streams without a heartbeat. */
const polls = new WeakMap<object, MediaPoll<Producer | Consumer>>();

/** The media of a Producer or Consumer. Made by `watchMediaFlow()`. */
export class MediaFlowWatch extends EnhancedEventEmitter<MediaFlowEvents> {
  /** The Producer or Consumer. */
  readonly stream: Producer | Consumer;
  /** Emits the same events, for code that only observes. Its listeners are called before those of the watch. */
  readonly observer: EnhancedEventEmitter<MediaFlowEvents> = new EnhancedEventEmitter();
  /** Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are. */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'change', () => listener());
  /** The media as of now: the same frozen object until the next change. */
  readonly getSnapshot = (): MediaFlow => this.#meter.flow;
  readonly #heartbeat: MediaFlowHeartbeat | undefined;
  readonly #meter: MediaFlowMeter;
  readonly #undos: (() => void)[] = [];
  #farSide: StreamState | undefined;
  #closed = false;

  /** @internal */
  constructor(stream: Producer | Consumer, meter: MediaFlowMeter, heartbeat: MediaFlowHeartbeat | undefined) {
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
      this.#undos.push(listen(heartbeat.observer, 'statechange', update));
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
   * Tells what the other side says of the same stream: the `flow.stream` of the client's own watch, over the application's signalling.
   * Without it `blocked` is not known here: no statistics of mediasoup tell whether somebody sends what does not arrive.
   *
   * @param stream - From the client, so it may be anything.
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
    const poll = polls.get(key) ?? new MediaPoll({ setTimer, read });
    const { stream } = this;
    const watcher = {
      stream,
      readEvery,
      get isPaused() {
        return isPaused(stream);
      },
      take: (counters: MediaCounters | undefined) => this.#update(counters),
    };

    polls.set(key, poll);
    poll.add(watcher);

    return () => poll.delete(watcher);
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
      isPaused: isPaused(this.stream),
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
    emitToAll(this.observer, event, args);
    emitToAll<MediaFlowEvents, E>(this, event, args);
  }
}

/** Timers do not keep the process running. */
function setTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms).unref();

  return () => clearTimeout(timer);
}

async function read(streams: readonly (Producer | Consumer)[]) {
  const counters = new Map<Producer | Consumer, MediaCounters>();

  await Promise.all(
    streams.map(async stream => {
      const own = await readStream(stream);

      if (own !== undefined) {
        counters.set(stream, own);
      }
    }),
  );

  return counters;
}

function isPaused(stream: Producer | Consumer): boolean {
  return stream.paused || ('producerPaused' in stream && stream.producerPaused);
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
 * import { watchMediaFlow } from '@mediasoup-heartbeat/server/media';
 *
 * const media = watchMediaFlow(producer, { heartbeat });
 *
 * media.on('change', ({ state }) => showInTile(peerId, producer.kind, state));
 * signaling.on('media', ({ producerId, stream }) => producerId === producer.id && media.hear(stream));
 * ```
 */
export function watchMediaFlow(stream: Producer | Consumer, options: MediaFlowOptions = {}): MediaFlowWatch {
  if (!isStream(stream) || stream.closed) {
    throw new TypeError(`watchMediaFlow(): stream must be an open Producer or Consumer, got ${show(stream)}`);
  }

  checkOptionNames('watchMediaFlow()', { ...MEDIA_FLOW_OPTIONS, heartbeat: 0 }, options);

  const { heartbeat } = options;

  if (heartbeat !== undefined && (typeof heartbeat?.observer?.on !== 'function' || heartbeat.closed)) {
    throw new TypeError(
      `watchMediaFlow(): heartbeat must be what attachHeartbeat() returns, and open, got ${show(heartbeat)}`,
    );
  }

  const role = 'producerId' in stream ? 'sender' : 'receiver';

  return new MediaFlowWatch(stream, new MediaFlowMeter(options, role, now()), heartbeat);
}

/** Not a DataProducer or DataConsumer, which have no kind. */
function isStream(value: unknown): value is Producer | Consumer {
  const { kind, getStats } = Object(value);

  return (kind === 'audio' || kind === 'video') && typeof getStats === 'function';
}
