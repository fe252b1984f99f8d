import type { LoopTimer } from '@mediasoup-heartbeat/protocol';
import { now } from './clock.ts';

/** Timers that are due within this, in ms, of the end of a millisecond fire at its end: times come back rounded. */
const ROUNDING = 0.05;

/** The timers that are set, as a binary heap: the one that is due first is the first. */
const heap: SharedTimer[] = [];

/** The one timer of Node, and when it fires. */
let nodeTimer: NodeJS.Timeout | undefined;
let firesAt = Number.POSITIVE_INFINITY;
/** Whether timers are being called: the next one is set after the last of them. */
let isFiring = false;
/** How often any of them was set. */
let timesSet = 0;

/**
 * All shared timers run on one timer of Node. Each is cheap to set, and to set anew: a ping sets one for its answer, which the answer
 * sets anew. All that is due in the same millisecond fires at its end, in the order in which it was set. None keeps the process alive.
 */
export class SharedTimer implements LoopTimer {
  readonly #callback: () => void;
  /** Where it is in the heap. Below 0: it is not set. */
  #index = -1;
  #dueAt = 0;
  /** Of two that are due at once the one that was set first goes first. */
  #setting = 0;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  set(ms: number): void {
    this.#dueAt = Math.ceil(now() + ms - ROUNDING);
    this.#setting = timesSet++;

    if (this.#index < 0) {
      this.#index = heap.push(this) - 1;
    }

    this.#move(this.#index);

    if (!isFiring && this.#dueAt < firesAt) {
      SharedTimer.#arm();
    }
  }

  clear(): void {
    this.#remove();

    // What is due later than Node's timer fires: that one is not worth setting anew.
    if (heap.length === 0) {
      SharedTimer.#arm();
    }
  }

  #remove(): void {
    const index = this.#index;

    if (index < 0) {
      return;
    }

    const last = heap.pop() as SharedTimer;

    this.#index = -1;

    if (last !== this) {
      heap[index] = last;
      last.#index = index;
      last.#move(index);
    }
  }

  /** Finds its place in the heap anew. */
  #move(from: number): void {
    let index = from;

    for (let parent = (index - 1) >> 1; index > 0 && this.#isBefore(parent); parent = (index - 1) >> 1) {
      this.#put(heap[parent] as SharedTimer, index);
      index = parent;
    }

    for (
      let child = this.#firstChild(index);
      child < heap.length && !this.#isBefore(child);
      child = this.#firstChild(index)
    ) {
      this.#put(heap[child] as SharedTimer, index);
      index = child;
    }

    this.#put(this, index);
  }

  #put(timer: SharedTimer, index: number): void {
    heap[index] = timer;
    timer.#index = index;
  }

  #isBefore(index: number): boolean {
    const other = heap[index] as SharedTimer;

    return this.#dueAt === other.#dueAt ? this.#setting < other.#setting : this.#dueAt < other.#dueAt;
  }

  /** Which of the two timers below a place is due first. */
  #firstChild(index: number): number {
    const left = 2 * index + 1;
    const right = left + 1;

    return right < heap.length && (heap[right] as SharedTimer).#isBefore(left) ? right : left;
  }

  static #arm(): void {
    const [first] = heap;

    clearTimeout(nodeTimer);
    firesAt = Number.POSITIVE_INFINITY;

    if (first !== undefined) {
      firesAt = first.#dueAt;
      nodeTimer = setTimeout(SharedTimer.#fire, Math.max(0, Math.ceil(firesAt + ROUNDING - now()))).unref();
    }
  }

  /** One that throws keeps none of the others from being called, and its error is as uncaught as with a timer of its own. */
  static #fire(): void {
    // Node may be early by a millisecond. What a callback sets is due later.
    const time = now() - ROUNDING;
    let isDone = false;

    isFiring = true;

    try {
      for (let [first] = heap; first !== undefined && first.#dueAt <= time; [first] = heap) {
        first.#remove();
        first.#callback();
      }

      isDone = true;
    } finally {
      isFiring = false;

      if (isDone) {
        SharedTimer.#arm();
      } else {
        firesAt = now();
        setImmediate(SharedTimer.#fire);
      }
    }
  }
}
