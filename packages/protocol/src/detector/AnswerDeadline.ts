/** Weights of a new sample: RFC 6298 §2.3. */
const SMOOTHING = 1 / 8;
const VARIATION_SMOOTHING = 1 / 4;

/** How many variations an answer may be later than usual: RFC 6298 §2.3. */
const VARIATIONS = 4;

/**
 * The least margin over the usual round trip, in ms. What a quiet link says nothing about: a long task in the
 * page, a collection of garbage, one retransmission on the radio.
 */
const LEAST_MARGIN = 70;

/** The deadline before the first answer, and the longest ever, in ms: RFC 6298 §2.1, and a deeply bloated queue. */
const FIRST = 1000;
const LONGEST = 3000;

/**
 * A late answer raises the estimate by at most this factor of the deadline it missed. So a queue that grows
 * is followed within a few pings, and a page that thaws after a minute teaches next to nothing.
 */
const STRETCH = 1.5;

/** How long an answer is waited for, by the round trips so far. */
export class AnswerDeadline {
  #smoothed = -1;
  #variation = 0;
  #value = FIRST;

  /** In ms after the ping left. */
  get value(): number {
    return this.#value;
  }

  /** The usual round trip, in ms. 0 before the first. */
  get smoothed(): number {
    return Math.max(0, this.#smoothed);
  }

  /** A ping was answered after `rtt` ms. What is no time teaches nothing. */
  learn(rtt: number): void {
    if (!Number.isFinite(rtt)) {
      return;
    }

    const sample = Math.min(Math.max(0, rtt), STRETCH * this.#value);

    if (this.#smoothed < 0) {
      this.#smoothed = sample;
      this.#variation = sample / 2;
    } else {
      const error = sample - this.#smoothed;

      this.#variation += (Math.abs(error) - this.#variation) * VARIATION_SMOOTHING;
      this.#smoothed += error * SMOOTHING;
    }

    this.#value = Math.min(LONGEST, this.#smoothed + Math.max(LEAST_MARGIN, VARIATIONS * this.#variation));
  }
}
