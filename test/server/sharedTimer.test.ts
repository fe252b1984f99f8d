import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SharedTimer } from '../../packages/server/src/SharedTimer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Which timer, and in how many ms it is due. `null`: it is cleared. */
const setting = fc.tuple(fc.nat(15), fc.option(fc.integer({ min: 0, max: 200 })));

it('timers fire in the order in which they are due, however they are set, set anew and cleared', () => {
  fc.assert(
    fc.property(fc.array(setting, { maxLength: 200 }), settings => {
      const fired: number[] = [];
      const due = new Map<number, { ms: number; turn: number }>();
      const timers = Array.from({ length: 16 }, (_, i) => new SharedTimer(() => fired.push(i)));

      for (const [turn, [i, ms]] of settings.entries()) {
        if (ms === null) {
          timers[i]?.clear();
          due.delete(i);
        } else {
          timers[i]?.set(ms);
          due.set(i, { ms, turn });
        }
      }

      vi.advanceTimersByTime(300);
      expect(fired).toEqual([...due].sort(([, a], [, b]) => a.ms - b.ms || a.turn - b.turn).map(([i]) => i));
    }),
  );
});

it('timers that a firing timer sets, sets anew or clears do what they would do otherwise', () => {
  const fired: string[] = [];
  const timers = {
    first: new SharedTimer(() => {
      fired.push('first');
      timers.cleared.clear();
      timers.postponed.set(50);
      timers.new.set(20);
    }),
    cleared: new SharedTimer(() => fired.push('cleared')),
    postponed: new SharedTimer(() => fired.push('postponed')),
    new: new SharedTimer(() => fired.push('new')),
  };

  timers.first.set(10);
  timers.cleared.set(10);
  timers.postponed.set(10);
  vi.advanceTimersByTime(25);
  expect(fired).toEqual(['first']);
  vi.advanceTimersByTime(100);
  expect(fired).toEqual(['first', 'new', 'postponed']);
});
