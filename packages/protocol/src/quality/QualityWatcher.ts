import { listen, type Undo } from '../hooks.ts';
import { checkOption, checkOptionNames, milliseconds, show } from '../options.ts';
import type { State } from '../Reason.ts';
import type { Stats } from '../Stats.ts';
import { type MediaLoss, type Quality, QualityMeter } from './QualityMeter.ts';

type Observer = Parameters<typeof listen>[0];

/** What a watch needs of a heartbeat. */
export type QualityWatcherHeartbeat = {
  readonly state: State;
  readonly stats: Stats;
  readonly observer: object;
};

/** The events of a watch. */
export type QualityWatcherEvents = {
  change: [Quality];
  close: [];
};

/** What a {@link QualityWatcher} needs from the side that it runs on. */
export type QualityWatcherSurroundings = {
  /** Reads which share of RTP got lost since the call before. `undefined`: not known. */
  readMediaLoss(): Promise<MediaLoss | undefined>;
  emit<E extends keyof QualityWatcherEvents>(event: E, args: QualityWatcherEvents[E]): void;
};

const EVERY = milliseconds(5000, 1000, 60_000);

/**
 * Checks what both sides' `watchQuality()` is called with.
 *
 * @param wanted - The words for a heartbeat, in an error.
 * @returns how often the quality is judged, in ms.
 * @throws TypeError if something is invalid.
 */
export function checkQualityArguments(
  heartbeat: { observer?: unknown; closed: boolean },
  options: { every?: number },
  wanted: string,
): number {
  if (typeof Object(heartbeat?.observer).on !== 'function' || heartbeat.closed) {
    throw new TypeError(`watchQuality(): heartbeat must be ${wanted}, and open, got ${show(heartbeat)}`);
  }

  checkOptionNames('watchQuality()', { every: EVERY }, options);

  const { every = EVERY.default } = options;

  return checkOption('every', EVERY, every);
}

/** Watches one path: feeds a {@link QualityMeter} with the figures of the heartbeat and the loss of media, and tells what changes. */
export class QualityWatcher {
  readonly #heartbeat: QualityWatcherHeartbeat;
  readonly #every: number;
  readonly #surroundings: QualityWatcherSurroundings;
  readonly #meter = new QualityMeter();
  readonly #undos: Undo[];
  #judgedAt = Number.NEGATIVE_INFINITY;
  #media: MediaLoss | undefined;
  #closed = false;

  /** @param every - How often the quality is judged, in ms. A change of the state is judged at once. */
  constructor(heartbeat: QualityWatcherHeartbeat, every: number, surroundings: QualityWatcherSurroundings) {
    const observer = heartbeat.observer as Observer;

    this.#heartbeat = heartbeat;
    this.#every = every;
    this.#surroundings = surroundings;
    this.#undos = [
      listen(observer, 'stats', (stats: Stats) => void this.#onFigures(stats)),
      listen(observer, 'statechange', () => this.#judge()),
      listen(observer, 'close', () => this.close()),
    ];
  }

  /** The quality by the latest look at it: the same frozen object until the next change. */
  get quality(): Quality {
    return this.#meter.quality;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;

    for (const undo of this.#undos) {
      undo();
    }

    this.#surroundings.emit('close', []);
  }

  async #onFigures(stats: Stats): Promise<void> {
    if (stats.at - this.#judgedAt < this.#every) {
      return;
    }

    this.#judgedAt = stats.at;
    this.#media = await this.#surroundings.readMediaLoss();

    if (!this.#closed) {
      this.#judge();
    }
  }

  #judge(): void {
    const { state, stats } = this.#heartbeat;
    const before = this.#meter.quality;
    const quality = this.#meter.update({ state, stats, media: this.#media });

    if (quality !== before) {
      this.#surroundings.emit('change', [quality]);
    }
  }
}
