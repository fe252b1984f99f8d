import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SimulatedServer } from '../../bench/cost/SimulatedServer.ts';
import { loops, slotOf } from '../../packages/server/src/loops.ts';

// What does not depend on the machine. `npm run bench` measures what does.

const SECONDS = 4;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([20, 100])('a server with %d healthy clients sets one timer a slot', clients => {
  const slot = slotOf(1000, clients);
  // The path sets timers of its own, which are none of the server's.
  const schedule = globalThis.setTimeout;
  const server = new SimulatedServer(clients, { loops, slot: () => slot, schedule });
  const set = vi.spyOn(globalThis, 'setTimeout');

  vi.advanceTimersByTime(3000);
  set.mockClear();

  const pongs = server.pongs;

  vi.advanceTimersByTime(SECONDS * 1000);

  expect(server.pongs - pongs).toBe(clients * SECONDS);
  expect(set.mock.calls.length / ((SECONDS * 1000) / slot)).toBeCloseTo(1, 1);
  server.close();
});
