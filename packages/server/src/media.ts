import { listen, type State, type StateChange, type Stats } from '@mediasoup-heartbeat/protocol';
import {
  checkMediaFlowArguments,
  type MediaCounters,
  type MediaFlow,
  type MediaFlowOptions as MediaFlowMeterOptions,
  MediaPoll,
  type MediaRole,
  MediaWatcher,
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
  readonly getSnapshot = (): MediaFlow => this.#watcher.flow;
  readonly #watcher: MediaWatcher<Producer | Consumer>;

  /** @internal */
  constructor(stream: Producer | Consumer, role: MediaRole, options: MediaFlowOptions) {
    super();
    this.stream = stream;
    this.#watcher = new MediaWatcher(stream, role, options, {
      now,
      isPaused,
      pollOf,
      emit: (event, args) => {
        emitToAll(this.observer, event, args);
        emitToAll<MediaFlowEvents, typeof event>(this, event, args);
      },
    });
  }

  /** The media as of now. */
  get flow(): MediaFlow {
    return this.#watcher.flow;
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#watcher.closed;
  }

  /**
   * Tells what the other side says of the same stream: the `flow.stream` of the client's own watch, over the application's signalling.
   * Without it `blocked` is not known here: no statistics of mediasoup tell whether somebody sends what does not arrive.
   *
   * @param stream - From the client, so it may be anything.
   * @returns `false` if it is no state of a stream, and is ignored.
   */
  hear(stream: unknown): boolean {
    return this.#watcher.hear(stream);
  }

  /** Ends it. */
  close(): void {
    this.#watcher.close();
  }
}

function pollOf(source: object): MediaPoll<Producer | Consumer> {
  const poll = polls.get(source) ?? new MediaPoll({ setTimer, read });

  polls.set(source, poll);

  return poll;
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
  checkMediaFlowArguments(stream, options, 'what attachHeartbeat() returns');

  return new MediaFlowWatch(stream, 'producerId' in stream ? 'sender' : 'receiver', options);
}
