import { listen, type State, type Stats } from '@mediasoup-heartbeat/protocol';
import {
  checkQualityArguments,
  type MediaLoss,
  type Quality,
  QualityWatcher,
} from '@mediasoup-heartbeat/protocol/quality';
import type { types } from 'mediasoup-client';
import { EventEmitter } from './EventEmitter.ts';
import type { HeartbeatObserver } from './HeartbeatObserver.ts';
import { type MediaCounters, mediaLossBetween, readMedia } from './readMedia.ts';

export type {
  DirectionQuality,
  MediaLoss,
  Quality,
  QualityCause,
  QualityInput,
  QualityRating,
} from '@mediasoup-heartbeat/protocol/quality';
export { QualityMeter } from '@mediasoup-heartbeat/protocol/quality';

/** Options of `watchQuality()`. */
export type QualityOptions = {
  /** How often the quality is judged, in ms. Range 1000–60000, default 5000. */
  every?: number;
};

/** The heartbeat of the transport that is watched. */
export type WatchedHeartbeat = {
  readonly transport: types.Transport;
  readonly state: State;
  readonly stats: Stats;
  readonly closed: boolean;
  readonly observer: HeartbeatObserver;
};

/** The events of a {@link QualityWatch}, and of its `observer`. */
export type QualityEvents = {
  /** The rating, its cause, or the score by 0.1 or more, changed in a direction. */
  change: [Quality];
  /** The watch is closed: by `close()`, or with its heartbeat. */
  close: [];
};

/** The quality of a heartbeat's path. Made by `watchQuality()`. */
export class QualityWatch extends EventEmitter<QualityEvents> {
  /** Emits the same events, for code that only observes. */
  readonly observer: EventEmitter<QualityEvents> = new EventEmitter();
  /** Calls back after each change of {@link getSnapshot}, and returns a function that stops that. */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'change', () => listener());
  /** The quality: the same frozen object until the next change. */
  readonly getSnapshot = (): Quality => this.#watcher.quality;
  readonly #watcher: QualityWatcher;
  readonly #transport: types.Transport;
  #counters: MediaCounters | undefined;

  /** @internal */
  constructor(heartbeat: WatchedHeartbeat, every: number) {
    super();
    this.#transport = heartbeat.transport;
    this.#watcher = new QualityWatcher(heartbeat, every, {
      readMediaLoss: () => this.#readMediaLoss(),
      emit: (event, args) => {
        this.observer.emit(event, ...args);
        this.emit(event, ...args);
      },
    });
  }

  /** The quality by the latest look at it. */
  get quality(): Quality {
    return this.#watcher.quality;
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#watcher.closed;
  }

  /** Stops to watch. */
  close(): void {
    this.#watcher.close();
  }

  async #readMediaLoss(): Promise<MediaLoss | undefined> {
    const before = this.#counters;

    this.#counters = await readMedia(this.#transport);

    return before && this.#counters && mediaLossBetween(before, this.#counters);
  }
}

/**
 * Watches the quality of a transport's path: a score, a word and the main cause, for each direction. It works without media, and counts the
 * loss of media if there is some. It closes with its heartbeat.
 *
 * @throws TypeError if an option is invalid.
 *
 * @example
 * ```ts
 * import { watchQuality } from '@mediasoup-heartbeat/client/quality';
 *
 * heartbeats.on('newtransport', heartbeat => {
 *   watchQuality(heartbeat).on('change', ({ uplink, downlink }) => showBars(uplink.rating, downlink.rating));
 * });
 * ```
 */
export function watchQuality(heartbeat: WatchedHeartbeat, options: QualityOptions = {}): QualityWatch {
  return new QualityWatch(
    heartbeat,
    checkQualityArguments(heartbeat, options, 'the heartbeat of a transport'),
  );
}
