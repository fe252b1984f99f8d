import { INSTANT } from './StallAdjustedClock.ts';

/** Every timer of an endpoint. */
export const Timer = {
  /** Server side: the next ping. Regular pings once an interval, quick probes while answers are missing. */
  Ping: 0,
  /** A sign of life becomes a miss: the answer to the oldest ping (server side), or the next ping (client side). */
  Miss: 1,
  /** Server side: the oldest ping without an answer counts as lost. */
  Lost: 2,
  /** The first answer is overdue (server side), or the first ping (client side). */
  FirstAnswer: 3,
  /** Client side: the next hello, until a ping comes. */
  Hello: 4,
  /** The last announced interruption is over. */
  InterruptionEnd: 5,
  /** The transport's counters are to be read, or their answer is overdue. */
  PathProbe: 6,
} as const;

export type Timer = (typeof Timer)[keyof typeof Timer];

const TIMERS = Object.keys(Timer).length;

/** When each timer of an endpoint is due, in ms of its own clock. `Infinity`: it is not set. */
export class TimerTable {
  /** A plain array: it takes 170 bytes less than a typed one. */
  readonly #dueAt = new Array<number>(TIMERS).fill(Number.POSITIVE_INFINITY);

  /** When the timer is due. */
  at(timer: Timer): number {
    return this.#dueAt[timer] as number;
  }

  set(timer: Timer, dueAt: number): void {
    this.#dueAt[timer] = dueAt;
  }

  clear(timer: Timer): void {
    this.#dueAt[timer] = Number.POSITIVE_INFINITY;
  }

  /** Whether the timer is due. Then it is cleared. */
  take(timer: Timer, now: number): boolean {
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
