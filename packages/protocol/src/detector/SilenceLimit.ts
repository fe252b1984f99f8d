/**
 * How much longer than the longest one a silence has to be. Silences of random length, as bursts of loss make them, have outliers:
 * their limit is this many times the longest one on top. Silences of equal length, as a scan of the radio makes them, have none.
 */
const OUTLIERS = 5;

/**
 * The doubt about how much the lengths vary, in silences that vary as bursts do, and the part of it that a young link has more. It
 * is halved after each so many answers.
 */
const DOUBT = 1;
const YOUNG_DOUBT = 9;
const YOUNG = 300;

/** Of what was seen half is left after so many answers. */
const MEMORY = 1500;

/** Where nothing comes for so many times the usual gap between two silences, the link has changed. */
const CHANGED_AFTER = 7;

/** The gap between two silences before it is known, and the silences that its average is over. */
const FIRST_GAP = 20;
const GAPS = 30;

/** A link of which fewer silences than this are known has no usual gap. */
const UNKNOWN = 0.5;

/**
 * Learns how long the deep silences of a living peer last, and how long one has to be so that nothing seen of this peer explains it.
 * So no link makes the detector much slower than its own silences are long, and a bad minute is soon forgotten.
 *
 * Lengths are in ms from where a silence is deep. If deep silences end at random, their lengths are exponential from there on.
 */
export class SilenceLimit {
  #count = 0;
  #sum = 0;
  #squares = 0;
  #longest = 0;
  #doubt = YOUNG_DOUBT;
  /** Answers since the last silence, and usually between two. */
  #quiet = 0;
  #gap = FIRST_GAP;
  readonly #least: number;

  /** @param least - The longest silence that is assumed before any was seen, in ms. */
  constructor(least: number) {
    this.#least = least;
  }

  /** The length from which on nothing explains a silence, in ms. */
  get limit(): number {
    // The squared coefficient of variation: 0 for equal lengths, 1 for exponential ones.
    const variation = this.#sum > 0 ? Math.min(1, (this.#squares * this.#count) / this.#sum ** 2 - 1) : 0;
    const shape = (this.#count * variation + DOUBT + this.#doubt) / (this.#count + 1);

    return Math.max(this.#least, this.#longest * this.trust) * (1 + OUTLIERS * shape);
  }

  /** How far the silences seen so far tell of the link as it is now: from 1 to 0. It is 1 again once they are back. */
  get trust(): number {
    const gaps = this.#quiet / this.#gap - CHANGED_AFTER;

    return gaps > 0 ? 2 ** -gaps : 1;
  }

  /** A ping was answered. */
  answered(): void {
    this.#quiet++;
    this.#doubt *= 2 ** (-1 / YOUNG);
    this.#count *= 2 ** (-1 / MEMORY);
    this.#sum *= 2 ** (-1 / MEMORY);
    this.#squares *= 2 ** (-1 / MEMORY);
    this.#longest *= 2 ** (-1 / MEMORY);
  }

  /** A silence ended that had been deep for `length` ms. */
  ended(length: number): void {
    if (this.#count < UNKNOWN) {
      this.#gap = FIRST_GAP;
    } else {
      const gap = Math.min(this.#quiet, CHANGED_AFTER * this.#gap);

      this.#gap += (gap - this.#gap) / Math.min(this.#count + 1, GAPS);
    }

    this.#quiet = 0;
    this.#count++;
    this.#sum += length;
    this.#squares += length ** 2;
    this.#longest = Math.max(this.#longest, length);
  }
}
