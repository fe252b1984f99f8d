/** Probes leave this many times as often as regular pings. */
const QUICKER = 10;

/** But no further apart than this, in ms: a state needs many of them, however rarely healthy peers are pinged. */
const FARTHEST = 300;

/** At most this many probes are in flight at once where the round trip is long. */
const IN_FLIGHT = 4;

/** No two probes are closer than this, in ms: the peer's input gate has room for them for ever. [HB-SEC-3] */
const CLOSEST = 50;

/** How far apart probes are, in steps. */
export const Pace = {
  /** Answers are missing. */
  Doubt: 1,
  /** Only an outage explains the silence: the last probes before death. */
  LastVolley: 0.5,
  /** The first answer came back. */
  Returning: 0.5,
  /** The peer is dead. */
  Dead: 2.5,
} as const;

export type Pace = (typeof Pace)[keyof typeof Pace];

/** The time between two probes, in ms, where the round trip is short. Both sides count by it. */
export function probeStep(interval: number): number {
  return Math.max(CLOSEST, Math.min(FARTHEST, interval / QUICKER));
}

/** When to ping: one regular ping each interval, always in the same phase, and quick probes between them. */
export class PingSchedule {
  readonly #interval: number;
  readonly #step: number;
  #regularAt = Number.POSITIVE_INFINITY;
  #afterwardsAt = Number.POSITIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  #hurriedAt = Number.POSITIVE_INFINITY;

  constructor(interval: number) {
    this.#interval = interval;
    this.#step = probeStep(interval);
  }

  /** When the next regular ping is due. */
  get regularAt(): number {
    return this.#regularAt;
  }

  /** When the ping that {@link hurry} wants is due. `Infinity`: it wants none. */
  get hurriedAt(): number {
    return this.#hurriedAt;
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
    this.#hurriedAt = Number.POSITIVE_INFINITY;
  }

  /** Wants a ping now, or as soon as another one may follow. The phase of the regular ones stays. */
  hurry(now: number): void {
    this.#hurriedAt = Math.max(now, this.#lastAt + CLOSEST);
  }

  /** A ping left. It fills the slots until now, and one that is about to come: no two pings leave at once. */
  sent(now: number): void {
    this.#lastAt = now;
    this.#hurriedAt = Number.POSITIVE_INFINITY;

    while (this.#regularAt <= now + this.#step / 2) {
      this.#regularAt = this.#afterwardsAt;
      this.#afterwardsAt += this.#interval;
    }
  }

  /** When the next ping is due while the peer is in doubt. `rtt` is the usual round trip. */
  probeAt(rtt: number, pace: Pace): number {
    const step = Math.min(this.#interval / 2, Math.max(this.#step, rtt / IN_FLIGHT));

    return Math.min(this.#regularAt, this.#lastAt + Math.max(CLOSEST, step * pace));
  }
}
