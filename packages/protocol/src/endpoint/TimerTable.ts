import { INSTANT } from './StallAdjustedClock.ts';
import { type AnyTimer, PathProbe } from './timers.ts';

/** The last one has the last place. */
const TIMERS = PathProbe + 1;

/** When each timer of an endpoint is due, in ms of its own clock. `Infinity`: it is not set. */
export class TimerTable {
  /** A plain array: it takes 170 bytes less than a typed one. */
  readonly #dueAt = new Array<number>(TIMERS).fill(Number.POSITIVE_INFINITY);

  /** When the timer is due. */
  at(timer: AnyTimer): number {
    return this.#dueAt[timer] as number;
  }

  set(timer: AnyTimer, dueAt: number): void {
    this.#dueAt[timer] = dueAt;
  }

  clear(timer: AnyTimer): void {
    this.#dueAt[timer] = Number.POSITIVE_INFINITY;
  }

  /** Whether the timer is due. Then it is cleared. */
  take(timer: AnyTimer, now: number): boolean {
    const isDue = this.at(timer) <= now + INSTANT;

    if (isDue) {
      this.clear(timer);
    }

    return isDue;
  }

  /** Clears all of them. */
  clearAll(): void {
    this.#dueAt.fill(Number.POSITIVE_INFINITY);
  }

  /** When the first of them is due. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY;

    // By index: an iterator would make an object for each of them, at each input.
    for (let timer = 0; timer < TIMERS; timer++) {
      next = Math.min(next, this.#dueAt[timer] as number);
    }

    return next;
  }
}
