import { now } from './clock.ts';
import { DueHeap } from './DueHeap.ts';

/** Something that wants to be called at a time. */
export type Task = {
  /** When, in ms of `clock.now()`. `Infinity`: not at all. The scheduler reads it after every call. */
  readonly dueAt: number;
  /** Does what is due. Must not throw. */
  run(now: number): void;
  /** The event loop did not turn between these times. Must not throw. */
  stalled(from: number, to: number): void;
};

/** A timer that fires later than this, in ms, was held up by a blocked event loop. */
const STALL = 100;

/** The share of an interval between the phases of two tasks in a row: spreads any number of tasks evenly. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

/**
 * One timer for all tasks, however many.
 *
 * Tasks run in the check phase, after the event loop has polled for I/O. Node runs timers before I/O, so a
 * deadline that was checked in a timer after a blocked loop would blame peers whose answers already wait in
 * the socket. The timer does not keep the process alive.
 */
export class Scheduler {
  readonly #tasks = new DueHeap<Task>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #phases = 0;

  /** How many tasks there are. */
  get size(): number {
    return this.#tasks.size;
  }

  /** A phase for one more task, above 0 and at most `interval`, such that all tasks' phases are spread evenly. */
  nextPhase(interval: number): number {
    return interval * (1 - ((this.#phases++ * GOLDEN_RATIO) % 1));
  }

  /** Enters a task, or takes note that its due time changed. */
  update(task: Task): void {
    this.#tasks.set(task, task.dueAt);
    this.#arm();
  }

  /** Forgets a task. */
  remove(task: Task): void {
    this.#tasks.delete(task);
    this.#arm();
  }

  #arm(): void {
    const dueAt = this.#tasks.firstDueAt;

    if (dueAt === this.#armedFor) {
      return;
    }

    clearTimeout(this.#timer);
    this.#armedFor = dueAt;

    if (dueAt !== Number.POSITIVE_INFINITY) {
      const armedAt = now();

      // Of a task that is entered when it is overdue only the time from now on can be a stall.
      this.#timer = setTimeout(() => this.#wake(Math.max(dueAt, armedAt)), Math.max(0, dueAt - armedAt));
      this.#timer.unref();
    }
  }

  #wake(expectedAt: number): void {
    const wokenAt = now();

    // Not unref()ed: an immediate that is does not keep the loop from blocking in its poll phase.
    setImmediate(() => {
      if (wokenAt - expectedAt > STALL) {
        for (const task of this.#tasks.items()) {
          task.stalled(expectedAt, wokenAt);
        }
      }

      this.#runDue();
    });
  }

  #runDue(): void {
    const time = now();

    // A task that is due again at once waits for the next turn: nobody may hold the loop.
    for (let left = this.#tasks.size; left > 0 && this.#tasks.firstDueAt <= time; left--) {
      const task = this.#tasks.first as Task;

      task.run(time);

      if (this.#tasks.has(task)) {
        this.#tasks.set(task, task.dueAt);
      }
    }

    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#arm();
  }
}

/** The scheduler of all heartbeats of this process. */
export const scheduler = new Scheduler();
