import { listen, type State, type StateChange, type Stats } from '@mediasoup-heartbeat/protocol';
import {
  checkQualityArguments,
  type MediaLoss,
  type Quality,
  QualityWatcher,
} from '@mediasoup-heartbeat/protocol/quality';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';

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

/** The heartbeat that is watched: what `attachHeartbeat()` or `answerHeartbeat()` returns. */
export type WatchedHeartbeat = {
  readonly transport: HeartbeatTransport;
  readonly state: State;
  readonly stats: Stats;
  readonly closed: boolean;
  readonly observer: EnhancedEventEmitter<{
    stats: [Stats];
    statechange: [StateChange];
    close: [StateChange];
  }>;
};

/** The events of a {@link QualityWatch}, and of its `observer`. */
export type QualityEvents = {
  /** The rating, its cause, or the score by 0.1 or more, changed in a direction. */
  change: [Quality];
  /** The watch is closed: by `close()`, or with its heartbeat. */
  close: [];
};

/** The quality of a heartbeat's path. Made by `watchQuality()`. */
export class QualityWatch extends EnhancedEventEmitter<QualityEvents> {
  /** Emits the same events, for code that only observes. */
  readonly observer: EnhancedEventEmitter<QualityEvents> = new EnhancedEventEmitter();
  /** Calls back after each change of {@link getSnapshot}, and returns a function that stops that. */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'change', () => listener());
  /** The quality: the same frozen object until the next change. */
  readonly getSnapshot = (): Quality => this.#watcher.quality;
  readonly #watcher: QualityWatcher;
  readonly #transport: HeartbeatTransport;
  #bytes: { received: number; sent: number } | undefined;

  /** @internal */
  constructor(heartbeat: WatchedHeartbeat, every: number) {
    super();
    this.#transport = heartbeat.transport;
    this.#watcher = new QualityWatcher(heartbeat, every, {
      readMediaLoss: () => this.#readMediaLoss(),
      emit: (event, args) => {
        emitToAll(this.observer, event, args);
        emitToAll<QualityEvents, typeof event>(this, event, args);
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

  /** The loss that transport-wide congestion control reports. It stays what it was when media stops, so only while media flows. */
  async #readMediaLoss(): Promise<MediaLoss | undefined> {
    const [stats] = await this.#transport.getStats().catch(() => []);

    if (stats === undefined) {
      return undefined;
    }

    const { rtpBytesReceived: received, rtpBytesSent: sent } = stats;
    const before = this.#bytes;

    this.#bytes = { received, sent };

    return {
      uplink: before !== undefined && received > before.received ? stats.rtpPacketLossReceived : undefined,
      downlink: before !== undefined && sent > before.sent ? stats.rtpPacketLossSent : undefined,
    };
  }
}

/**
 * Watches the quality of a client's path: a score, a word and the main cause, for each direction. It works without media, and counts the
 * loss of media if there is some. It closes with its heartbeat.
 *
 * @throws TypeError if an option is invalid.
 *
 * @example
 * ```ts
 * import { watchQuality } from '@mediasoup-heartbeat/server/quality';
 *
 * watchQuality(heartbeat).on('change', ({ uplink, downlink }) => tellOthers(peerId, uplink.rating, downlink.rating));
 * ```
 */
export function watchQuality(heartbeat: WatchedHeartbeat, options: QualityOptions = {}): QualityWatch {
  return new QualityWatch(
    heartbeat,
    checkQualityArguments(heartbeat, options, 'what attachHeartbeat() returns'),
  );
}
