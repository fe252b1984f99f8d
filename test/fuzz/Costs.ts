import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { examine, must, type Outcome } from './examine.ts';

/** The limit for decoding and checking a frame, in ms: more than a hundred times what it takes. */
export const MAX_TIME = 0.2;

/** The most that it may allocate, in bytes. */
export const MAX_MEMORY = 65_536;

/** The most that all frames together may leave on the heap, in bytes, however many they are. */
export const MAX_GROWTH = 8_388_608;

/** How often a slow frame is tried again. A busy machine is slow sometimes, a bad frame always. */
const TRIES = 25;

/** Memory is measured for one in this many frames, because measuring costs more than decoding. */
const MEMORY_EVERY = 4096;

/** Times are counted in buckets of a tenth of a µs. */
const BUCKETS = 1000;

setFlagsFromString('--expose-gc');

const collectGarbage: () => void = runInNewContext('gc');

/** What frames cost, in ms and bytes. */
export type CostReport = {
  /** For most frames, and for nearly all. */
  time: { p50: number; p999: number; worst: number };
  memory: { worst: number; growth: number };
};

/** Examines frames and checks the limits of time and memory. */
export class Costs {
  readonly #times = new Uint32Array(BUCKETS);
  readonly #heapBefore = heapAfterGc();
  #frames = 0;
  #worstTime = 0;
  #worstMemory = 0;

  examine(bytes: Uint8Array): Outcome {
    if (this.#frames++ % MEMORY_EVERY === 0) {
      const memory = withinBound(MAX_MEMORY, 'bytes', () => memoryFor(bytes));

      this.#worstMemory = Math.max(this.#worstMemory, memory);
    }

    const begin = performance.now();
    const outcome = examine(bytes);
    let time = performance.now() - begin;

    if (time > MAX_TIME / 10) {
      time = withinBound(MAX_TIME, 'ms', () => timeFor(bytes));
    }

    this.#worstTime = Math.max(this.#worstTime, time);
    (this.#times[Math.min(BUCKETS - 1, Math.floor(time * 10_000))] as number)++;

    return outcome;
  }

  /** The figures so far, with the present heap. */
  report(): CostReport {
    const growth = heapAfterGc() - this.#heapBefore;

    must(growth <= MAX_GROWTH, () => `leaves at most ${MAX_GROWTH} bytes on the heap, not ${growth}`);

    return {
      time: { p50: this.#quantile(0.5), p999: this.#quantile(0.999), worst: this.#worstTime },
      memory: { worst: this.#worstMemory, growth },
    };
  }

  #quantile(fraction: number): number {
    let left = this.#frames * fraction;
    const bucket = this.#times.findIndex(count => {
      left -= count;

      return left <= 0;
    });

    return (bucket + 1) / 10_000;
  }
}

/** The least of three tries, or of many if that is above the limit. */
function withinBound(bound: number, unit: string, measure: () => number): number {
  let least = Number.POSITIVE_INFINITY;

  for (let i = 0; i < 3 || (i < TRIES && least > bound); i++) {
    least = Math.min(least, measure());
  }

  must(least <= bound, () => `costs at most ${bound} ${unit}, not ${least}`);

  return least;
}

function timeFor(bytes: Uint8Array): number {
  const begin = performance.now();

  examine(bytes);

  return performance.now() - begin;
}

/** Negative if the garbage was collected meanwhile. */
function memoryFor(bytes: Uint8Array): number {
  const before = heap();

  examine(bytes);

  return heap() - before;
}

function heapAfterGc(): number {
  collectGarbage();

  return heap();
}

function heap(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();

  return heapUsed + arrayBuffers;
}
