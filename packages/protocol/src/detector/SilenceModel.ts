/**
 * Misses in a row from which a silence is deep. The first misses tell lost packets from bursts. How fast a burst ends shows only
 * when it has lasted: two bursts, one in each direction, end later than one.
 */
export const DEEP = 4;

/**
 * Misses in a row from which a silence is long. If bursts come in both directions and let something pass now and then, the
 * silences that last are those in which two bursts overlap. They end later than deep ones on average.
 */
const LONG = 16;

/** How many long silences outweigh what is known of the deep ones. */
const LONG_KNOWN_AFTER = 10;

/**
 * What is assumed before anything is known. One of 20 pings is missed, 1.5 of 4.5 probes after that, and 1.4 of 5.4 in a deep silence.
 * The numbers are small, so a few silences outweigh them: the first surprise makes the model patient.
 */
const FIRST_MISSED = 1;
const FIRST_ANSWERED = 19;
const EARLY_LASTED = 1.5;
const EARLY_ENDED = 3;
const DEEP_LASTED = 1.4;
const DEEP_ENDED = 4;

/**
 * If `deadAfter` leaves less than this for an outage, in ms, the application prefers speed to patience with bursts that nobody has
 * seen. Then silences are assumed to end sooner, and more of it is assumed. What is learned counts in full.
 */
const HASTE = 1000;
const HASTY_EARLY_LASTED = 0.5;
const HASTY_DEEP_LASTED = 1;
const HASTY_DEEP_ENDED = 8;

/** After so many answered and missed pings half of them is forgotten: a link may change within minutes. */
const MEMORY = 1024;

/** The share of the silences that is kept whenever pings are forgotten. Silences are rarer, so they are kept longer. */
const KEPT = 0.85;

/** A silence as improbable as this, -ln, is an accident: a tunnel, a handover, a lift. */
const ACCIDENT = 11;

/** More accidents than this are a habit, and the model learns from them. One accident is forgiven after so many answers. */
const HABIT = 2;
const FORGIVEN_AFTER = 120;

/**
 * Learns how silences of a living peer begin and end, and tells what one more miss in a row proves.
 *
 * The model has four numbers: how often a ping is missed after an answered one, after one to three misses, after more, and after
 * {@link LONG}. If packets are lost independently, all four are the same. Bursts raise the later ones (Gilbert 1960, fitted to what
 * probes can see).
 *
 * A miss weighs -ln of its probability, given what was seen of this peer, the present silence included (rule of succession). So the
 * weights of a silence add up to the log-likelihood ratio of a dead peer against a living one, as in Wald's sequential test (1945): a
 * dead peer misses with certainty. The longer a silence lasts, the less each further miss adds, so no threshold has to be guessed.
 *
 * The model must not learn from outages, or the first tunnel would make the detector slow. Outages are rarer than bursts: a silence
 * that is very improbable by all that is known is an accident, unless accidents come in threes. Of a young link nobody knows what is
 * rare: the model learns from its first accident.
 */
export class SilenceModel {
  #missed = FIRST_MISSED;
  #answered = FIRST_ANSWERED;
  readonly #firstEarlyLasted: number;
  readonly #firstDeepLasted: number;
  readonly #firstDeepEnded: number;
  #earlyLasted: number;
  #earlyEnded = EARLY_ENDED;
  #deepLasted: number;
  #deepEnded: number;
  #longLasted = 0;
  #longEnded = 0;
  /** Accidents that are not forgiven yet. */
  #accidents = HABIT;
  /** The lengths of accidents that the model has not learned from, in misses. */
  readonly #unlearned: number[] = [];

  /** @param forOutages - How much time `deadAfter` leaves for an outage, in ms. */
  constructor(forOutages = Number.POSITIVE_INFINITY) {
    const isHasty = forOutages < HASTE;

    this.#firstEarlyLasted = isHasty ? HASTY_EARLY_LASTED : EARLY_LASTED;
    this.#firstDeepLasted = isHasty ? HASTY_DEEP_LASTED : DEEP_LASTED;
    this.#firstDeepEnded = isHasty ? HASTY_DEEP_ENDED : DEEP_ENDED;
    this.#earlyLasted = this.#firstEarlyLasted;
    this.#deepLasted = this.#firstDeepLasted;
    this.#deepEnded = this.#firstDeepEnded;
  }

  /** How often a ping is missed after an answered one. */
  get missRate(): number {
    return this.#missed / (this.#missed + this.#answered);
  }

  /**
   * The weight of the `run`th miss in a row: -ln of its probability.
   *
   * @param trust - How far what was learned of deep silences tells of the link as it is now: from 1 to 0.
   */
  weigh(run: number, trust = 1): number {
    if (run <= 1) {
      return -Math.log(this.missRate);
    }

    const ended = this.#firstDeepEnded + (this.#deepEnded - this.#firstDeepEnded) * trust;

    if (run <= DEEP) {
      const distrusted = this.#deepEnded - ended + this.#longEnded * (1 - trust);

      return Math.log1p(this.#earlyEnded / (this.#earlyLasted - (DEEP - 1) * distrusted + run - 2));
    }

    const lasted = this.#firstDeepLasted + (this.#deepLasted - this.#firstDeepLasted) * trust;
    const deep = Math.log1p(ended / (lasted + run - DEEP - 1));

    return run <= LONG ? deep : Math.min(deep, this.#weighLong((lasted + LONG - DEEP) / ended, trust));
  }

  /** A ping was answered after an answered one. */
  answered(): void {
    this.#accidents = Math.max(0, this.#accidents - 1 / FORGIVEN_AFTER);

    if (this.#accidents === 0) {
      this.#unlearned.length = 0;
    }

    if (++this.#answered + this.#missed > MEMORY) {
      this.#forget();
    }
  }

  /** A silence of `run` misses in a row, with this weight in all, ended with an answer. */
  ended(run: number, weight: number): void {
    if (weight >= ACCIDENT && !this.#isHabit(run)) {
      return;
    }

    this.#teach(run);
  }

  #isHabit(run: number): boolean {
    if (++this.#accidents <= HABIT) {
      this.#unlearned.push(run);

      // A peer with one accident whenever another is forgiven would fill the memory.
      if (this.#unlearned.length > HABIT) {
        this.#unlearned.shift();
      }

      return false;
    }

    for (const earlier of this.#unlearned) {
      this.#teach(earlier);
    }

    this.#unlearned.length = 0;

    return true;
  }

  /** What is known of deep silences, `lastedPerEnd` misses each, counts as some long ones that ended equally often. */
  #weighLong(lastedPerEnd: number, trust: number): number {
    return Math.log1p(
      (this.#longEnded * trust + LONG_KNOWN_AFTER) /
        (this.#longLasted * trust + LONG_KNOWN_AFTER * lastedPerEnd),
    );
  }

  #teach(run: number): void {
    this.#missed++;
    this.#earlyLasted += Math.min(run, DEEP) - 1;

    if (run < DEEP) {
      this.#earlyEnded++;
      return;
    }

    this.#deepLasted += Math.min(run, LONG) - DEEP;

    if (run < LONG) {
      this.#deepEnded++;
    } else {
      this.#longEnded++;
      this.#longLasted += run - LONG;
    }
  }

  #forget(): void {
    this.#missed = Math.max(FIRST_MISSED, this.#missed / 2);
    this.#answered /= 2;
    this.#earlyLasted += (this.#firstEarlyLasted - this.#earlyLasted) * (1 - KEPT);
    this.#earlyEnded += (EARLY_ENDED - this.#earlyEnded) * (1 - KEPT);
    this.#deepLasted += (this.#firstDeepLasted - this.#deepLasted) * (1 - KEPT);
    this.#deepEnded += (this.#firstDeepEnded - this.#deepEnded) * (1 - KEPT);
    this.#longLasted *= KEPT;
    this.#longEnded *= KEPT;
  }
}
