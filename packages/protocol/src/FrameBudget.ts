/** Frames that a peer may send at once: a network that was stuck delivers what it held back. */
const BURST = 200;

/** Frames per second that a peer may send for ever: several times what probing at full speed asks for. */
const RATE = 40;

/** What a frame costs besides that no honest peer sends, or sends often. */
const EXTRA_COST = 10;

/** Bytes that cost one frame more: a message of 256 kB ends the budget by itself. */
const BYTES_PER_COST = 64;

/**
 * How much of a peer's input is borne: a token bucket (RFC 2697 without the colours). Who empties it does
 * not do so by accident. [HB-SEC-3]
 */
export class FrameBudget {
  #left = BURST;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** Charges for a message of this many bytes. Returns whether the budget bore it. */
  charge(bytes: number, now: number): boolean {
    this.#left = Math.min(BURST, this.#left + (Math.max(0, now - this.#at) / 1000) * RATE);
    this.#at = now;

    return this.#spend(1 + Math.floor(bytes / BYTES_PER_COST));
  }

  /** Charges more for a message that turned out to be malformed, forged or replayed, or to change the verdict. */
  chargeExtra(): boolean {
    return this.#spend(EXTRA_COST);
  }

  #spend(cost: number): boolean {
    this.#left -= cost;

    return this.#left >= 0;
  }
}
