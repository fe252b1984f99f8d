import { now } from './clock.ts';
import { later, type Timer } from './timer.ts';

/** Something that wants to be called at a time. */
export type Task = {
  /** When, in ms of `now()`. `Infinity`: not at all. Read after every call. */
  readonly dueAt: number;
  /** Does what is due. Must not throw. */
  run(time: number): void;
  /** The page did not run between these times. Must not throw. */
  stalled(from: number, to: number): void;
};

/** A timer that fires later than this, in ms, was held up: the main thread was blocked, or the page frozen. */
const STALL = 250;

/**
 * In a hidden page timers are aligned to whole seconds, which is no stall. Some are even to whole minutes: of such a delay
 * so much counts as lived through.
 */
const HIDDEN_STALL = 1500;

/** One timer for all heartbeats of a device. */
export class Scheduler {
  /** Whether the page is in the background. */
  #hidden = false;
  readonly #tasks = new Set<Task>();
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #running = false;

  /** The page went into the background, or came back. What was due meanwhile is done now. */
  setHidden(hidden: boolean): void {
    this.#catchUp();
    this.#hidden = hidden;
  }

  /** Enters a task, or takes note that its due time changed. */
  update(task: Task): void {
    this.#tasks.add(task);
    this.#catchUp();
    this.#arm();
  }

  /** Forgets a task. */
  remove(task: Task): void {
    this.#tasks.delete(task);
    this.#arm();
  }

  #arm(): void {
    const dueAt = Math.min(...[...this.#tasks].map(task => task.dueAt));

    if (dueAt === this.#armedFor) {
      return;
    }

    clearTimeout(this.#timer);
    this.#armedFor = dueAt;

    if (dueAt !== Number.POSITIVE_INFINITY) {
      this.#timer = later(() => this.#wake(dueAt), Math.max(0, dueAt - now()));
    }
  }

  /** The page runs, as this is called: timers of a hidden one may come much later. */
  #catchUp(): void {
    if (this.#hidden && !this.#running && this.#armedFor <= now()) {
      this.#wake(this.#armedFor);
    }
  }

  #wake(dueAt: number): void {
    const time = now();

    if (time - dueAt <= (this.#hidden ? HIDDEN_STALL : STALL)) {
      this.#runDue();
    } else if (this.#hidden) {
      // Its timers may be slow rather than the page. A detector takes the first late call for a pause, and no later one.
      this.#stalled(dueAt, time - HIDDEN_STALL);
      this.#runDue();
    } else {
      this.#stalled(dueAt, time);
      // What came meanwhile is still queued behind this timer. It is read before anybody is judged.
      this.#timer = later(() => this.#runDue(), 0);
    }
  }

  #stalled(from: number, to: number): void {
    for (const task of this.#tasks) {
      task.stalled(from, to);
    }
  }

  #runDue(): void {
    const time = now();

    this.#running = true;

    for (const task of [...this.#tasks]) {
      if (task.dueAt <= time) {
        task.run(time);
      }
    }

    this.#running = false;
    clearTimeout(this.#timer);
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#arm();
  }
}
