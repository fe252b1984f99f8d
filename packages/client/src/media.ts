import { listen, type State, type Stats } from '@mediasoup-heartbeat/protocol';
import {
  checkMediaFlowArguments,
  type MediaFlow,
  type MediaFlowOptions as MediaFlowMeterOptions,
  MediaPoll,
  type MediaRole,
  MediaWatcher,
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
  readonly getSnapshot = (): MediaFlow => this.#watcher.flow;
  readonly #watcher: MediaWatcher<Stream>;

  /** @internal */
  constructor(stream: Stream, role: MediaRole, options: MediaFlowOptions) {
    super();
    this.stream = stream;
    this.#watcher = new MediaWatcher(stream, role, options, {
      now,
      isPaused: ({ paused }) => paused,
      pollOf,
      emit: (event, args) => {
        this.observer.emit(event, ...args);
        this.emit(event, ...args);
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
   * Tells what the other side says of the same stream: the `flow.stream` of the server's own watch, over the application's signalling.
   * Without it `blocked` is known here only of a Producer about which no receiver report has come for about 18 s.
   *
   * @param stream - From the server, so it may be anything.
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

function pollOf(source: object): MediaPoll<Stream> {
  const poll = polls.get(source) ?? newPoll(new StreamReader(source as types.Transport | Stream, now));

  polls.set(source, poll);

  return poll;
}

function newPoll(reader: StreamReader): MediaPoll<Stream> {
  return new MediaPoll({ setTimer, read: streams => reader.read(streams) });
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
  checkMediaFlowArguments(stream, options, 'the heartbeat of its transport');

  return new MediaFlowWatch(stream, 'producerId' in stream ? 'receiver' : 'sender', options);
}
