import type { BreakerChange, CircuitBreaker, SenderReading } from './CircuitBreaker.ts';

/** What a {@link BreakerPoll} needs from the process or page that it runs in. None of these may throw. */
export type BreakerSurroundings = {
  /** The time in ms by a clock that never jumps. */
  now(): number;
  /** Calls back once, after so many ms. Returns what cancels that. */
  setTimer(callback: () => void, ms: number): () => void;
  /** Reads the statistics of the stream. `undefined`: there are none now. */
  read(): Promise<SenderReading | undefined>;
  /** Whether the heartbeat's own pings get through, which is evidence for another try. */
  isPathWell(): boolean;
  /** Tells the listeners. */
  changed(change: BreakerChange): void;
};

/** Feeds a circuit breaker with readings, one each report interval, and with what speaks for another try. */
export class BreakerPoll {
  readonly #breaker: CircuitBreaker;
  readonly #surroundings: BreakerSurroundings;
  #cancel: () => void;
  #isStopped = false;

  constructor(breaker: CircuitBreaker, surroundings: BreakerSurroundings) {
    this.#breaker = breaker;
    this.#surroundings = surroundings;
    this.#cancel = this.#arm();
  }

  /** ICE has found another path. */
  newPath(): void {
    this.#tell(this.#breaker.tell('new-path', this.#surroundings.now()));
  }

  /** Ends it. Nothing is told after this. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #arm(): () => void {
    return this.#surroundings.setTimer(() => this.#poll(), this.#breaker.reportInterval);
  }

  async #poll(): Promise<void> {
    const reading = await this.#surroundings.read();

    if (this.#isStopped) {
      return;
    } else if (reading !== undefined) {
      this.#tell(this.#breaker.read(reading));
    }

    if (this.#breaker.state === 'open') {
      const evidence = this.#surroundings.isPathWell() ? 'path-well' : undefined;

      this.#tell(this.#breaker.tell(evidence, this.#surroundings.now()));
    }

    // A listener may have ended it.
    if (!this.#isStopped) {
      this.#cancel = this.#arm();
    }
  }

  #tell(change: BreakerChange | undefined): void {
    if (change !== undefined) {
      this.#surroundings.changed(change);
    }
  }
}
