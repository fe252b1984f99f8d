/** Frames that a peer may send at once: what the network reorders, and what people do. */
const BURST = 200;

/** Frames per second that a peer may send for ever: several times what probing at full speed asks for. */
const RATE = 40;

/** The extra cost of a frame that no honest peer sends, or sends often. */
const EXTRA_COST = 10;

/** Bytes that cost one frame more: a message of 256 kB empties the bucket by itself. */
const BYTES_PER_COST = 64;

/**
 * How much of a peer's input is accepted: a token bucket (RFC 2697 without the colours). No honest peer empties it. [HB-SEC-3]
 *
 * Frames of an honest peer may wait for hours, in a hung page, a stalled process or the network, and then arrive all at once. So the
 * bucket counts how many of them may be waiting, and admits these free of charge. [HB-SEC-4]
 */
export class TokenBucket {
  readonly #waitingPerSecond: number;
  #left = BURST;
  /** How many frames of an honest peer may have been sent and not read yet. */
  #waiting = 0;
  #at: number;

  /** @param waitingPerSecond - How many frames an honest peer sends of its own accord. */
  constructor(now: number, waitingPerSecond: number) {
    this.#at = now;
    this.#waitingPerSecond = waitingPerSecond;
  }

  /** The peer is asked for an answer, so an honest one sends one frame more. */
  expectFrame(): void {
    this.#waiting++;
  }

  /** Everything that the peer sent more than `ago` ms ago has been read. Since then it was asked for `frames`. */
  caughtUp(ago: number, frames: number): void {
    this.#waiting = Math.min(this.#waiting, frames + this.#sentIn(ago));
  }

  /** Charges for a message of this many bytes. Returns whether the bucket covered it. */
  charge(bytes: number, now: number): boolean {
    const passed = Math.max(0, now - this.#at);

    this.#left = Math.min(BURST, this.#left + (passed / 1000) * RATE);
    this.#waiting += this.#sentIn(passed);
    this.#at = now;

    const isFree = this.#waiting >= 1;

    this.#waiting -= isFree ? 1 : 0;

    return this.#spend((isFree ? 0 : 1) + Math.floor(bytes / BYTES_PER_COST));
  }

  /** Charges more for a message that turned out to be malformed, forged or replayed. */
  chargeExtra(): boolean {
    return this.#spend(EXTRA_COST);
  }

  /** Charges more for a message that changes the state. The allowance for waiting frames may pay for it. */
  chargeChange(): boolean {
    if (this.#left < EXTRA_COST && this.#waiting >= EXTRA_COST) {
      this.#waiting -= EXTRA_COST;

      return true;
    }

    return this.chargeExtra();
  }

  #sentIn(ms: number): number {
    return (ms / 1000) * this.#waitingPerSecond;
  }

  #spend(cost: number): boolean {
    this.#left -= cost;

    return this.#left >= 0;
  }
}
