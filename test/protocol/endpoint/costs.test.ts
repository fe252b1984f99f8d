import { expect, it } from 'vitest';
import { SimulatedClock } from '../../../bench/cost/SimulatedClock.ts';
import { SimulatedServer } from '../../../bench/cost/SimulatedServer.ts';

// What does not depend on the machine. `npm run bench` measures what does.

const CLIENTS = 20;
const SECONDS = 100;

it('a healthy client costs the server one ping a second, a report every five seconds, and less than three timers a ping', () => {
  const clock = new SimulatedClock();
  const server = new SimulatedServer(CLIENTS, clock);

  clock.run(10_000);

  const before = { frames: server.frames, bytes: server.bytes, timers: clock.timers, pongs: server.pongs };

  clock.run(SECONDS * 1000);

  const perSecond = (total: number, start: number) => (total - start) / CLIENTS / SECONDS;

  expect(perSecond(server.pongs, before.pongs)).toBeCloseTo(1, 2);
  expect(perSecond(server.frames, before.frames)).toBeCloseTo(1.2, 2);
  // A ping has at most 16 bytes. A report has about 10.
  expect(perSecond(server.bytes, before.bytes)).toBeLessThan(16 + 12 / 5);
  expect(perSecond(clock.timers, before.timers)).toBeLessThan(3);
});
