import { Loops } from '@mediasoup-heartbeat/protocol';
import type { Clock } from './SimulatedServer.ts';

/** Far above the time that a simulation lasts, in ms: no timer of the past is in its buckets. */
const HORIZON = 8192;

/** A clock that advances as fast as the machine can. */
export class SimulatedClock implements Clock {
  readonly slot = 0;
  readonly loops: Loops;
  #now = 1000;
  #timers = 0;
  readonly #buckets: (() => void)[][] = Array.from({ length: HORIZON }, () => []);

  constructor() {
    this.loops = new Loops({
      now: () => this.#now,
      setTimer: (callback, ms) => {
        this.#timers++;

        return this.schedule(callback, ms);
      },
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
      const bucket = this.#buckets[this.#now % HORIZON] as (() => void)[];

      // A callback may add to the bucket.
      for (let i = 0; i < bucket.length; i++) {
        bucket[i]?.();
      }

      bucket.length = 0;
    }
  }

  schedule(callback: () => void, ms: number): () => void {
    const bucket = this.#buckets[(this.#now + Math.ceil(ms)) % HORIZON] as (() => void)[];
    const index = bucket.push(callback) - 1;

    return () => {
      // Its bucket may have been emptied since, and filled again.
      if (bucket[index] === callback) {
        bucket[index] = () => {};
      }
    };
  }
}
