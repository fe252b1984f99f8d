import type { State, Stats } from '@mediasoup-heartbeat/protocol';
import { checkOption, checkOptionNames, milliseconds } from '@mediasoup-heartbeat/protocol';
import { type MediaLoss, type Quality, QualityMeter } from '@mediasoup-heartbeat/protocol/quality';
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

const EVERY = milliseconds(5000, 1000, 60_000);

/** The quality of a heartbeat's path. Made by `watchQuality()`. */
export class QualityWatch extends EventEmitter<QualityEvents> {
  /** Emits the same events, for code that only observes. */
  readonly observer: EventEmitter<QualityEvents> = new EventEmitter();
  /** Calls back after each change of {@link getSnapshot}, and returns a function that stops that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const told = () => listener();

    this.observer.on('change', told);

    return () => this.observer.off('change', told);
  };
  /** The quality: the same frozen object until the next change. */
  readonly getSnapshot = (): Quality => this.#meter.quality;
  readonly #heartbeat: WatchedHeartbeat;
  readonly #every: number;
  readonly #meter = new QualityMeter();
  readonly #onStats = (stats: Stats) => void this.#onFigures(stats);
  readonly #onState = () => this.#judge(this.#heartbeat.stats);
  readonly #onClose = () => this.close();
  #judgedAt = Number.NEGATIVE_INFINITY;
  #counters: MediaCounters | undefined;
  #media: MediaLoss | undefined;
  #closed = false;

  /** @internal */
  constructor(heartbeat: WatchedHeartbeat, every: number) {
    super();
    this.#heartbeat = heartbeat;
    this.#every = every;
    heartbeat.observer.on('stats', this.#onStats);
    heartbeat.observer.on('statechange', this.#onState);
    heartbeat.observer.on('close', this.#onClose);
  }

  /** The quality by the latest look at it. */
  get quality(): Quality {
    return this.#meter.quality;
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Stops to watch. */
  close(): void {
    if (this.#closed) {
      return;
    }

    const { observer } = this.#heartbeat;

    this.#closed = true;
    observer.off('stats', this.#onStats);
    observer.off('statechange', this.#onState);
    observer.off('close', this.#onClose);
    this.#tell('close', []);
  }

  async #onFigures(stats: Stats): Promise<void> {
    if (stats.at - this.#judgedAt < this.#every) {
      return;
    }

    this.#judgedAt = stats.at;
    this.#media = await this.#readMediaLoss();

    if (!this.#closed) {
      this.#judge(this.#heartbeat.stats);
    }
  }

  #judge(stats: Stats): void {
    const before = this.#meter.quality;
    const quality = this.#meter.update({ state: this.#heartbeat.state, stats, media: this.#media });

    if (quality !== before) {
      this.#tell('change', [quality]);
    }
  }

  async #readMediaLoss(): Promise<MediaLoss | undefined> {
    const before = this.#counters;

    this.#counters = await readMedia(this.#heartbeat.transport);

    return before && this.#counters && mediaLossBetween(before, this.#counters);
  }

  #tell<E extends keyof QualityEvents>(event: E, args: QualityEvents[E]): void {
    this.observer.emit(event, ...args);
    this.emit(event, ...args);
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
  if (typeof heartbeat?.observer?.on !== 'function' || heartbeat.closed) {
    throw new TypeError(
      `watchQuality(): heartbeat must be the heartbeat of a transport, and open, got ${String(heartbeat)}`,
    );
  }

  checkOptionNames('watchQuality()', { every: EVERY }, options);

  const { every = EVERY.default } = options;

  return new QualityWatch(heartbeat, checkOption('every', EVERY, every));
}
