/**
 * Misses in a row from which on a silence counts as deep. The first ones tell lost packets from bursts; how
 * fast a burst ends shows only once it has lasted, as a burst in each direction at once ends later than one.
 */
const DEEP = 4;

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

/** Answered and missed pings after which half is forgotten: a link may change within minutes. */
const MEMORY = 1024;

/** What is kept of the silences whenever pings are forgotten: silences are rarer, so they are kept for longer. */
const KEPT = 0.85;

/** A silence as improbable as this, -ln, is an accident: a tunnel, a handover, a lift. */
const ACCIDENT = 9;

/** More accidents than these make a habit. One of them is forgiven after this time, in ms. */
const HABIT = 2;
const FORGIVEN_AFTER = 20_000;

/**
 * How silences of this peer come and end while it lives: what a further miss in a row proves.
 *
 * A chain of three numbers: how often a ping is missed after an answered one, how often a confirming probe is
 * missed after one to three misses, how often after more. For lost packets that are independent all three are
 * the same; bursts raise the later ones (Gilbert 1960, fitted to what probes can see).
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
  #earlyLasted = EARLY_LASTED;
  #earlyEnded = EARLY_ENDED;
  #deepLasted = DEEP_LASTED;
  #deepEnded = DEEP_ENDED;
  /** Accidents not yet forgiven, and what they would have taught. */
  #accidents = 0;
  #accidentAt = 0;
  #heldCount = 0;
  #heldSteps = 0;

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

    return Math.log1p(this.#deepEnded / (this.#deepLasted + run - DEEP - 1));
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
      this.#heldCount = 0;
      this.#heldSteps = 0;
    }

    if (++this.#accidents <= HABIT) {
      this.#heldCount++;
      this.#heldSteps += run;

      return false;
    }

    this.#missed += this.#heldCount;
    this.#deepEnded += this.#heldCount;
    this.#deepLasted += Math.max(0, this.#heldSteps - this.#heldCount * DEEP);
    this.#heldCount = 0;
    this.#heldSteps = 0;

    return true;
  }

  #teach(run: number): void {
    this.#missed++;
    this.#earlyLasted += Math.min(run, DEEP) - 1;

    if (run < DEEP) {
      this.#earlyEnded++;
    } else {
      this.#deepEnded++;
      this.#deepLasted += run - DEEP;
    }
  }

  #forget(): void {
    this.#missed = Math.max(FIRST_MISSED, this.#missed / 2);
    this.#answered /= 2;
    this.#earlyLasted += (EARLY_LASTED - this.#earlyLasted) * (1 - KEPT);
    this.#earlyEnded += (EARLY_ENDED - this.#earlyEnded) * (1 - KEPT);
    this.#deepLasted += (DEEP_LASTED - this.#deepLasted) * (1 - KEPT);
    this.#deepEnded += (DEEP_ENDED - this.#deepEnded) * (1 - KEPT);
  }
}
