/**
 * Misses in a row from which on a silence counts as deep. The first ones tell lost packets from bursts; how
 * fast a burst ends shows only once it has lasted, as a burst in each direction at once ends later than one.
 */
const DEEP = 4;

/**
 * And from which on as long. Where bursts come in both directions, and let something pass now and then, the
 * silences that last are those in which two overlap: they end later than deep ones do on average.
 */
const LONG = 16;

/** As many silences that have outlasted LONG as it takes to outweigh what is known of the deep ones. */
const LONG_KNOWN_AFTER = 10;

/**
 * What is assumed before anything is known, in pings: that of 20 one is missed, that of 4.5 confirming probes
 * 1.5 are, that of 11 in a deep silence 3 are. Small numbers: a few silences outweigh them.
 */
const FIRST_MISSED = 1;
const FIRST_ANSWERED = 19;
const EARLY_LASTED = 1.5;
const EARLY_ENDED = 3;
const DEEP_LASTED = 3;
const DEEP_ENDED = 8;

/**
 * Whose `deadAfter` leaves less than this for an outage, in ms, has decided against patience with bursts before any is
 * seen: of the silences that are assumed to last only this part is. What is learned counts as ever.
 */
const HASTE = 1000;
const HASTY = 1 / 3;

/** Answered and missed pings after which half is forgotten: a link may change within minutes. */
const MEMORY = 1024;

/** What is kept of the silences whenever pings are forgotten: silences are rarer, so they are kept for longer. */
const KEPT = 0.85;

/**
 * What a silence has to weigh for its peer to be dead. Once in 1,000 hours of a ping a second is e^-15.1; the rest
 * makes up for what a hazard averaged over a silence overrates its end by.
 */
const DEAD_WEIGHT = 16;

/** Behind so many misses that is extrapolated, from shorter silences: each asks for so much more. */
const EXTRAPOLATED = 60;
const DOUBTED_BY = 0.02;

/** A silence as improbable as this, -ln, is an accident: a tunnel, a handover, a lift. */
const ACCIDENT = 9;

/** More accidents than these make a habit, and are learned from. One of them is forgiven after this time, in ms. */
const HABIT = 2;
const FORGIVEN_AFTER = 20_000;

/**
 * How silences of this peer come and end while it lives: what a further miss in a row proves.
 *
 * A chain of four numbers: how often a ping is missed after an answered one, and a confirming probe after one to
 * three misses, after more, after {@link LONG}. For lost packets that are independent all four are the same;
 * bursts raise the later ones (Gilbert 1960, fitted to what probes can see).
 *
 * A miss weighs -ln of its probability, given what was seen of this peer, the present silence included (the
 * rule of succession). So the weights of a silence add up to its log-likelihood ratio of a dead peer against a
 * living one, as in Wald's sequential test (1945): a dead peer misses with certainty. The longer a silence
 * lasts, the less each further miss adds, and the more so the less is known: no threshold has to be guessed.
 *
 * Outages must not teach, or the first tunnel makes the detector slow. They are told from bursts by rarity:
 * what would be an accident by all that is known is taken for one, unless accidents come in threes.
 */
export class SilenceModel {
  #missed = FIRST_MISSED;
  #answered = FIRST_ANSWERED;
  readonly #firstEarlyLasted: number;
  readonly #firstDeepLasted: number;
  #earlyLasted: number;
  #earlyEnded = EARLY_ENDED;
  #deepLasted: number;
  #deepEnded = DEEP_ENDED;
  #longLasted = 0;
  #longEnded = 0;
  /** Accidents not yet forgiven, and how long those were that have not taught anything. */
  #accidents = 0;
  #accidentAt = 0;
  readonly #held: number[] = [];

  /** @param spare - What `deadAfter` leaves for an outage, in ms. */
  constructor(spare = Number.POSITIVE_INFINITY) {
    const assumed = spare < HASTE ? HASTY : 1;

    this.#firstEarlyLasted = EARLY_LASTED * assumed;
    this.#firstDeepLasted = DEEP_LASTED * assumed;
    this.#earlyLasted = this.#firstEarlyLasted;
    this.#deepLasted = this.#firstDeepLasted;
  }

  /** How often a ping is missed after an answered one. */
  get missRate(): number {
    return this.#missed / (this.#missed + this.#answered);
  }

  /** What the `run`th miss in a row proves, as -ln of its probability. */
  weigh(run: number): number {
    if (run <= 1) {
      return -Math.log(this.missRate);
    }

    if (run <= DEEP) {
      return Math.log1p(this.#earlyEnded / (this.#earlyLasted + run - 2));
    }

    const deep = Math.log1p(this.#deepEnded / (this.#deepLasted + run - DEEP - 1));

    return run <= LONG ? deep : Math.min(deep, this.#weighLong());
  }

  /** A ping was answered after an answered one. */
  answered(): void {
    if (++this.#answered + this.#missed > MEMORY) {
      this.#forget();
    }
  }

  /** A silence of `run` misses in a row, together of this weight, ended at `now` with an answer. */
  ended(run: number, weight: number, now: number): void {
    if (weight >= ACCIDENT && !this.#isHabit(run, now)) {
      return;
    }

    this.#teach(run);
  }

  #isHabit(run: number, now: number): boolean {
    this.#accidents = Math.max(0, this.#accidents - (now - this.#accidentAt) / FORGIVEN_AFTER);
    this.#accidentAt = now;

    if (this.#accidents === 0) {
      this.#held.length = 0;
    }

    if (++this.#accidents <= HABIT) {
      this.#held.push(run);

      // Who has one whenever another is forgiven would fill the memory.
      if (this.#held.length > HABIT) {
        this.#held.shift();
      }

      return false;
    }

    for (const held of this.#held) {
      this.#teach(held);
    }

    this.#held.length = 0;

    return true;
  }

  /** What is known of deep silences counts as some long ones that ended as often. */
  #weighLong(): number {
    const lastedPerEnd = (this.#deepLasted + LONG - DEEP) / this.#deepEnded;

    return Math.log1p(
      (this.#longEnded + LONG_KNOWN_AFTER) / (this.#longLasted + LONG_KNOWN_AFTER * lastedPerEnd),
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
    this.#deepEnded += (DEEP_ENDED - this.#deepEnded) * (1 - KEPT);
    this.#longLasted *= KEPT;
    this.#longEnded *= KEPT;
  }
}

/** What a silence of `run` misses has to weigh, as -ln of its probability, for its peer to be dead. */
export function deadWeight(run = 0): number {
  return DEAD_WEIGHT + DOUBTED_BY * Math.max(0, run - EXTRAPOLATED);
}
