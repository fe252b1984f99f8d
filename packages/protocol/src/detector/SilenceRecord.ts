import { DEATH_WEIGHT } from './bounds.ts';
import type { PathSilence } from './FailureDetector.ts';
import type { SilenceLimit } from './SilenceLimit.ts';
import { DEEP, type SilenceModel } from './SilenceModel.ts';

/** An outage may begin with any of the first so many misses, if those before it were lost by chance. */
const OUTAGE_STARTS = 6;

/**
 * An outage that begins with the first miss began at any time since the answer before it. One that begins with a later miss began
 * between two probes, a tenth of that time: -ln of it.
 */
const BETWEEN_PROBES = Math.LN10;

/** An outage that may explain the silence, because it began with one of the first misses. */
type Outage = {
  /** When that miss was asked for. */
  readonly startedAt: number;
  /** How many misses were asked for after it was over. */
  later: number;
};

/** The present silence, weighed by what is known of the peer. */
export class SilenceRecord implements PathSilence {
  since = 0;
  missed = 0;
  weight = 0;
  /** For how long it has been deep, by when the signs of life that were missed had been asked for, in ms. */
  deepFor = 0;
  readonly afterOutage = { missed: 0, weight: 0 };
  readonly #model: SilenceModel;
  readonly #limit: SilenceLimit;
  /** The longest outage to be survived, in ms, and the silence that it explains whenever it began. */
  readonly #outage: number;
  readonly #silence: number;
  /** The oldest first. */
  readonly #outages: Outage[] = [];
  #deepAt = 0;
  #provenAt = 0;

  constructor(model: SilenceModel, limit: SilenceLimit, outage: number, silence: number) {
    this.#model = model;
    this.#limit = limit;
    this.#outage = outage;
    this.#silence = silence;
  }

  /**
   * Something came at `now`, and proves that the path worked at `provenAt`: it is the peer's access to the network that fails, and
   * an answer left there half a round trip ago.
   */
  reset(now: number, provenAt: number = now): void {
    this.since = now;
    this.#provenAt = provenAt;
    this.missed = 0;
    this.weight = 0;
    this.deepFor = 0;
    this.afterOutage.missed = 0;
    this.afterOutage.weight = 0;

    // Not where it is empty: that would be a slow call of V8 for nothing at each answer.
    if (this.#outages.length > 0) {
      this.#outages.length = 0;
    }
  }

  /** What was asked for at `askedAt` has not come. */
  add(askedAt: number): void {
    this.weight += this.#model.weigh(++this.missed, this.#limit.trust);

    if (this.missed === DEEP) {
      this.#deepAt = askedAt;
    } else if (this.missed > DEEP) {
      this.deepFor = askedAt - this.#deepAt;
      // What comes near the limit is worth as much as if its misses had added up to it.
      this.weight = Math.max(this.weight, DEATH_WEIGHT * (this.deepFor / this.#limit.limit) ** 2);
    }

    this.#countAfterOutage(askedAt);
  }

  /** Counts and weighs the misses that no outage explains, whichever of the first misses it began with. */
  #countAfterOutage(askedAt: number): void {
    const { afterOutage, missed } = this;
    const weight = this.#model.weigh(1);

    if (missed <= OUTAGE_STARTS) {
      this.#outages.push({ startedAt: askedAt, later: 0 });
    }

    afterOutage.missed = Number.POSITIVE_INFINITY;
    afterOutage.weight = Number.POSITIVE_INFINITY;

    for (const [start, outage] of this.#outages.entries()) {
      const overAt = Math.min(outage.startedAt + this.#outage, this.#provenAt + this.#silence);

      if (askedAt >= overAt) {
        outage.later++;
      }

      // Each by itself, as if it were the first: the outage that explains the others has not begun, or is over.
      const unexplained = start + outage.later;

      afterOutage.missed = Math.min(afterOutage.missed, unexplained);
      afterOutage.weight = Math.min(
        afterOutage.weight,
        unexplained * weight + (start > 0 ? BETWEEN_PROBES : 0),
      );
    }
  }
}
