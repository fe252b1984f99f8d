import { Loops, type LoopTimer } from '@mediasoup-heartbeat/protocol';
import type { Clock } from './SimulatedServer.ts';

/** Far above the time that a simulation lasts, in ms: no timer of the past is in its buckets. */
const HORIZON = 8192;

/** A clock that advances as fast as the machine can. */
export class SimulatedClock implements Clock {
  readonly slot = undefined;
  readonly loops: Loops;
  #now = 1000;
  #timers = 0;
  /** What is called in each ms, and how much that is. A bucket keeps its memory. */
  readonly #buckets: (() => void)[][] = Array.from({ length: HORIZON }, () => []);
  readonly #counts = new Uint32Array(HORIZON);

  constructor() {
    this.loops = new Loops({
      now: () => this.#now,
      createTimer: callback => this.#createTimer(callback),
      afterInput: callback => callback(),
      stall: 100,
    });
  }

  /** How many timers the heartbeats set. */
  get timers(): number {
    return this.#timers;
  }

  /** Lets so much time pass, in ms. */
  run(duration: number): void {
    const end = this.#now + duration;

    for (; this.#now < end; this.#now++) {
      const index = this.#now % HORIZON;
      const bucket = this.#buckets[index] as (() => void)[];

      // A callback may add to the bucket.
      for (let i = 0; i < (this.#counts[index] as number); i++) {
        bucket[i]?.();
      }

      this.#counts[index] = 0;
    }
  }

  schedule(callback: () => void, ms: number): void {
    const index = (this.#now + Math.ceil(ms)) % HORIZON;
    const count = this.#counts[index] as number;

    (this.#buckets[index] as (() => void)[])[count] = callback;
    this.#counts[index] = count + 1;
  }

  /** Without allocating anything when it is set: a bench measures only the heartbeat. */
  #createTimer(callback: () => void): LoopTimer {
    let dueAt = Number.POSITIVE_INFINITY;
    const fire = () => {
      if (dueAt === this.#now) {
        dueAt = Number.POSITIVE_INFINITY;
        callback();
      }
    };

    return {
      set: ms => {
        dueAt = this.#now + Math.ceil(ms);
        this.#timers++;
        this.schedule(fire, ms);
      },
      clear: () => {
        dueAt = Number.POSITIVE_INFINITY;
      },
    };
  }
}
