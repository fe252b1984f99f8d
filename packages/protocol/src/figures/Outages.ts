import type { Outage, OutageStats } from '../Stats.ts';

/** At least so many pings in a row, over so long, in ms, do not come through in an outage. [HB-LOSS-5] */
const FEWEST = 8;
const SHORTEST = 1000;

/** As improbable as this it has to be that loss alone is the cause. */
const IMPROBABLE = 1e-4;

/**
 * Whether so many pings in a row that did not come through are an outage, and not loss.
 *
 * @param loss - The loss without them, asked for only where it matters.
 */
export function isOutage(pings: number, duration: number, loss: () => number | undefined): boolean {
  return pings >= FEWEST && duration >= SHORTEST && (loss() ?? 0) ** pings <= IMPROBABLE;
}

/** The outages of a path. */
export class Outages {
  readonly #over: (outage: Outage) => void;
  #count = 0;
  #total = 0;
  #longest = 0;
  #last: Outage | undefined;

  /** @param over - Told of each that is over. */
  constructor(over: (outage: Outage) => void) {
    this.#over = over;
  }

  /** Enters one that is over. */
  add(outage: Outage): void {
    this.#count++;
    this.#total += outage.duration;
    this.#longest = Math.max(this.#longest, outage.duration);
    this.#last = outage;
    this.#over({ ...outage });
  }

  /** The figures, with the one that is going on, where there is one. */
  stats(current?: Outage): OutageStats {
    const duration = current?.duration ?? 0;
    const last = current ?? this.#last;

    return {
      count: this.#count + (current === undefined ? 0 : 1),
      total: this.#total + duration,
      longest: Math.max(this.#longest, duration),
      last: last && { ...last },
    };
  }
}
