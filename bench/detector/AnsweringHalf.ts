import type { AnsweringDetector } from './Contender.ts';
import type { Witness } from './Witness.ts';

/** The side that answers, in a page: when its timers fire, and what it says then. */
export class AnsweringHalf {
  readonly #detector: AnsweringDetector;
  readonly #witness: Witness;
  readonly #timers: number;
  #calledAt = 0;

  /** @param timers - Its timers fire at multiples of this, in ms, as those of a hidden page do. 0: when they are due. */
  constructor(detector: AnsweringDetector, witness: Witness, timers: number) {
    this.#detector = detector;
    this.#witness = witness;
    this.#timers = timers;
  }

  /** When {@link timeout} is to be called next. */
  get timerAt(): number {
    const dueAt = Math.max(this.#detector.judgeAt, this.#calledAt);

    return this.#timers === 0 || dueAt === Number.POSITIVE_INFINITY
      ? dueAt
      : Math.ceil(dueAt / this.#timers) * this.#timers;
  }

  arrived(seq: number, now: number): void {
    this.#detector.arrived(seq, now);
    this.#judged(now);
  }

  timeout(now: number): void {
    this.#detector.timeout(now);
    this.#judged(now);
  }

  #judged(now: number): void {
    this.#calledAt = now;
    this.#witness.judged(this.#detector.judge(), now);
  }
}
