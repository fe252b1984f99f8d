import type { ArrivalDetector } from '../../packages/protocol/src/detector/Detector.ts';
import type { Witness } from './Witness.ts';

/** The half that answers, where the bench looks at that: it begins with the first ping, and judges by all of them. */
export class AnsweringHalf {
  readonly #detector: ArrivalDetector;
  readonly #witness: Witness;
  readonly #timers: number;
  #isRunning = false;
  #judgedAt = 0;

  /** @param timers - Its timers fire at multiples of this, in ms, as those of a hidden page do. 0: when they are due. */
  constructor(detector: ArrivalDetector, witness: Witness, timers: number) {
    this.#detector = detector;
    this.#witness = witness;
    this.#timers = timers;
  }

  /** When {@link judge} is to be called next. */
  get timerAt(): number {
    const dueAt = Math.max(this.#detector.judgeAt, this.#judgedAt);

    return this.#timers === 0 || dueAt === Number.POSITIVE_INFINITY
      ? dueAt
      : Math.ceil(dueAt / this.#timers) * this.#timers;
  }

  arrived(seq: number, now: number): void {
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#detector.start(now);
    }

    this.#detector.arrived(seq, now);
    this.judge(now);
  }

  judge(now: number): void {
    this.#judgedAt = now;
    this.#witness.judged(this.#detector.judge(now), now);
  }
}
