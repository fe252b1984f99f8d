import { now } from '../clock.ts';
import type { DisturbanceName } from '../signaling/messages.ts';

/** The longest disturbance, in s. */
const LONGEST = 60;

type Disturbance = { until: number; timer: NodeJS.Timeout; undo: () => void };

/**
 * What disturbs a client now. Every disturbance ends by itself. So nobody stays disturbed because the page that asked
 * for it was closed.
 */
export class Disturbances {
  readonly #running = new Map<DisturbanceName, Disturbance>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** When each one ends, in ms since the epoch. */
  get view(): Partial<Record<DisturbanceName, number>> {
    return Object.fromEntries([...this.#running].map(([name, { until }]) => [name, until]));
  }

  /** Begins a disturbance, or continues it for so many seconds from now. */
  begin(name: DisturbanceName, seconds: number, undo: () => void): void {
    clearTimeout(this.#running.get(name)?.timer);
    this.#running.set(name, {
      until: now() + seconds * 1000,
      timer: setTimeout(() => this.end(name), seconds * 1000),
      undo,
    });
    this.#onChange();
  }

  /** Ends a disturbance before its time. */
  end(name: DisturbanceName): void {
    const disturbance = this.#running.get(name);

    if (disturbance !== undefined) {
      clearTimeout(disturbance.timer);
      this.#running.delete(name);
      disturbance.undo();
      this.#onChange();
    }
  }

  endAll(): void {
    for (const name of [...this.#running.keys()]) {
      this.end(name);
    }
  }
}

/**
 * Reads for how long a disturbance was asked.
 *
 * @throws Error if that is not more than 0 and at most 60 s.
 */
export function readSeconds(seconds: unknown): number {
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= LONGEST)) {
    throw new Error(`A disturbance takes more than 0 and at most ${LONGEST} s, got ${seconds}.`);
  }

  return seconds;
}
