import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { now } from '../../packages/client/src/clock.ts';
import { Scheduler, type Task } from '../../packages/client/src/Scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A task that is due at an interval in ms, and records when it ran. */
class Periodic implements Task {
  readonly ran: number[] = [];
  readonly stalls: number[] = [];
  dueAt: number;
  readonly #startedAt = now();
  readonly #period: number;

  constructor(period: number) {
    this.#period = period;
    this.dueAt = now() + period;
  }

  run(time: number): void {
    this.ran.push(Math.round(time - this.#startedAt));
    this.dueAt = time + this.#period;
  }

  stalled(from: number, to: number): void {
    this.stalls.push(Math.round(to - from));
  }
}

/** Lets time pass in which no timer can fire. */
function block(duration: number): void {
  const { now: unblocked } = performance;

  performance.now = () => unblocked.call(performance) + duration;
}

test('one timer runs all tasks, each at its time', () => {
  const scheduler = new Scheduler();
  const [slow, fast] = [new Periodic(1000), new Periodic(300)];

  scheduler.update(slow);
  scheduler.update(fast);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(slow.ran).toEqual([1000]);
  expect(fast.ran).toEqual([300, 600, 900]);
  expect(vi.getTimerCount()).toBe(1);
});

test('no timer runs without tasks', () => {
  const scheduler = new Scheduler();
  const task = new Periodic(100);

  scheduler.update(task);
  scheduler.remove(task);
  expect(vi.getTimerCount()).toBe(0);
});

test('a timer that fires late is a stall, and waiting input is read before anybody is judged', () => {
  const scheduler = new Scheduler();
  const task = new Periodic(1000);

  scheduler.update(task);
  block(4000);
  vi.advanceTimersToNextTimer();
  expect(task.stalls).toEqual([4000]);
  expect(task.ran).toEqual([]);
  vi.advanceTimersToNextTimer();
  expect(task.ran).toHaveLength(1);
});

test('a timer that is a second late in a hidden page is no stall', () => {
  const scheduler = new Scheduler();
  const task = new Periodic(1000);

  scheduler.setHidden(true);
  scheduler.update(task);
  block(1000);
  vi.advanceTimersToNextTimer();
  expect(task.stalls).toEqual([]);
  expect(task.ran).toEqual([2000]);
});
