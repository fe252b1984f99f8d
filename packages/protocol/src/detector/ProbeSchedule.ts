/** Confirming probes leave this many times as often as regular pings. */
const QUICKER = 10;

/** But no further apart than this, in ms: a verdict needs a score of them, however rarely the healthy are asked. */
const FARTHEST = 300;

/** At most this many probes are on their way at once where the round trip is long. */
const IN_FLIGHT = 4;

/** No two probes are closer than this, in ms: regular pings and they are borne by the peer for ever. [HB-SEC-3] */
const CLOSEST = 50;

/** The time between two confirming probes, in ms, where the round trip is short: both halves count by it. */
export function probeStep(interval: number): number {
  return Math.max(CLOSEST, Math.min(FARTHEST, interval / QUICKER));
}

/** When to ping: one regular ping each interval, always in the same phase, and quick probes between them. */
export class ProbeSchedule {
  readonly #interval: number;
  readonly #step: number;
  #regularAt = Number.POSITIVE_INFINITY;
  #afterwardsAt = Number.POSITIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(interval: number) {
    this.#interval = interval;
    this.#step = probeStep(interval);
  }

  /** When the next regular ping is due. */
  get regularAt(): number {
    return this.#regularAt;
  }

  /** When the latest ping left. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** The first ping is due at `now`, the next one `phase` later. */
  start(now: number, phase: number): void {
    this.#regularAt = now;
    this.#afterwardsAt = now + phase;
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }

  stop(): void {
    this.#regularAt = Number.POSITIVE_INFINITY;
  }

  /** A ping left. It fills the slots until now, and one that is about to come: no two pings leave at once. */
  sent(now: number): void {
    this.#lastAt = now;

    while (this.#regularAt <= now + this.#step / 2) {
      this.#regularAt = this.#afterwardsAt;
      this.#afterwardsAt += this.#interval;
    }
  }

  /** When the next ping is due while the peer is in doubt, with probes this many steps apart. */
  probeAt(rtt: number, steps: number): number {
    const step = Math.min(this.#interval / 2, Math.max(this.#step, rtt / IN_FLIGHT));

    return Math.min(this.#regularAt, this.#lastAt + Math.max(CLOSEST, step * steps));
  }
}
