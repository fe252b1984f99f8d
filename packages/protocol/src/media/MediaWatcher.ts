import { listen, type Undo } from '../hooks.ts';
import { checkOptionNames, show } from '../options.ts';
import type { State } from '../Reason.ts';
import {
  isStreamState,
  MEDIA_FLOW_OPTIONS,
  type MediaCounters,
  type MediaFlow,
  MediaFlowMeter,
  type MediaFlowOptions,
  type MediaRole,
  type StreamState,
} from './MediaFlowMeter.ts';
import type { MediaPoll } from './MediaPoll.ts';

type Observer = Parameters<typeof listen>[0];

/** What a watch needs of the heartbeat of its stream's transport. */
export type MediaWatcherHeartbeat = {
  readonly transport: object;
  readonly state: State;
  readonly stats: { readonly lastSeenAt: number | undefined };
  readonly closed: boolean;
};

/** The events of a watch. */
export type MediaWatcherEvents = {
  change: [MediaFlow];
  flowing: [MediaFlow];
  silent: [MediaFlow];
  paused: [MediaFlow];
  blocked: [MediaFlow];
  close: [];
};

/** What a {@link MediaWatcher} needs from the side that it runs on. */
export type MediaWatcherSurroundings<Stream> = {
  /** The time, in ms by a clock that never jumps. */
  now(): number;
  /** Whether nothing is to flow, because the application wants that. */
  isPaused(stream: Stream): boolean;
  /** The poll for all streams of a transport, or for one stream alone. */
  pollOf(source: object): MediaPoll<Stream>;
  emit<E extends keyof MediaWatcherEvents>(event: E, args: MediaWatcherEvents[E]): void;
};

const OWN_EVENTS = ['flowing', 'silent', 'paused', 'blocked'] as const;

/**
 * Checks what both sides' `watchMediaFlow()` is called with.
 *
 * @param wanted - The words for a heartbeat, in an error.
 * @throws TypeError if something is invalid.
 */
export function checkMediaFlowArguments(
  stream: unknown,
  options: MediaFlowOptions & { heartbeat?: { observer?: unknown; closed: boolean } | undefined },
  wanted: string,
): void {
  const { kind, getStats, closed } = Object(stream);

  // A DataProducer or DataConsumer has no kind.
  if ((kind !== 'audio' && kind !== 'video') || typeof getStats !== 'function' || closed) {
    throw new TypeError(`watchMediaFlow(): stream must be an open Producer or Consumer, got ${show(stream)}`);
  }

  checkOptionNames('watchMediaFlow()', { ...MEDIA_FLOW_OPTIONS, heartbeat: 0 }, options);

  const { heartbeat } = options;

  if (heartbeat !== undefined && (typeof Object(heartbeat?.observer).on !== 'function' || heartbeat.closed)) {
    throw new TypeError(`watchMediaFlow(): heartbeat must be ${wanted}, and open, got ${show(heartbeat)}`);
  }
}

/** Watches one stream: feeds a {@link MediaFlowMeter} with what the poll reads and the heartbeat says, and tells what changes. */
export class MediaWatcher<Stream extends { readonly observer: object }> {
  readonly #stream: Stream;
  readonly #heartbeat: MediaWatcherHeartbeat | undefined;
  readonly #surroundings: MediaWatcherSurroundings<Stream>;
  readonly #meter: MediaFlowMeter;
  readonly #undos: Undo[] = [];
  #farSide: StreamState | undefined;
  #closed = false;

  constructor(
    stream: Stream,
    role: MediaRole,
    options: MediaFlowOptions & {
      heartbeat?: (MediaWatcherHeartbeat & { readonly observer: object }) | undefined;
    },
    surroundings: MediaWatcherSurroundings<Stream>,
  ) {
    const { heartbeat } = options;
    const update = () => this.#update(undefined);

    this.#stream = stream;
    this.#heartbeat = heartbeat;
    this.#surroundings = surroundings;
    this.#meter = new MediaFlowMeter(options, role, surroundings.now());

    for (const event of ['pause', 'resume']) {
      this.#undos.push(listen(stream.observer as Observer, event, update));
    }

    this.#undos.push(listen(stream.observer as Observer, 'close', () => this.close()));

    if (heartbeat !== undefined) {
      this.#undos.push(listen(heartbeat.observer as Observer, 'statechange', update));
    }

    this.#undos.push(this.#poll(surroundings.pollOf(heartbeat?.transport ?? stream)));
    update();
  }

  /** The media as of now: the same frozen object until the next change. */
  get flow(): MediaFlow {
    return this.#meter.flow;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Takes what the other side says of the stream. Returns `false` if it is no state of a stream, and is ignored. */
  hear(stream: unknown): boolean {
    if (!isStreamState(stream)) {
      return false;
    }

    this.#farSide = stream;
    this.#update(undefined);

    return true;
  }

  close(): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    this.#surroundings.emit('close', []);
  }

  #poll(poll: MediaPoll<Stream>): Undo {
    const stream = this.#stream;
    const { isPaused } = this.#surroundings;
    const watcher = {
      stream,
      readEvery: this.#meter.readEvery,
      get isPaused() {
        return isPaused(stream);
      },
      take: (counters: MediaCounters | undefined) => this.#update(counters),
    };

    poll.add(watcher);

    return () => poll.delete(watcher);
  }

  #update(counters: MediaCounters | undefined): void {
    if (this.#closed) {
      return;
    }

    const { now, isPaused, emit } = this.#surroundings;
    const heartbeat = this.#heartbeat?.closed === false ? this.#heartbeat : undefined;
    const before = this.#meter.flow;
    const flow = this.#meter.update({
      at: now(),
      counters,
      isPaused: isPaused(this.#stream),
      connection: heartbeat?.state,
      lastSeenAt: () => heartbeat?.stats.lastSeenAt,
      farSide: this.#farSide,
    });

    if (flow === before) {
      return;
    }

    emit('change', [flow]);

    const own = OWN_EVENTS.find(event => event === flow.state);

    // A listener may have ended it.
    if (own !== undefined && flow.state !== before.state && !this.#closed) {
      emit(own, [flow]);
    }
  }
}
