import { expect, test } from 'vitest';
import { BulkFlow } from '../../../packages/protocol/src/endpoint/BulkFlow.ts';

/** What a flow of so many bytes per second looks like at these times, in ms. */
function looks(rate: number, ...times: number[]): boolean[] {
  const flow = new BulkFlow();

  return times.map(time => flow.grewTo((rate * time) / 1000, time));
}

test('a bulk transfer shows at the second look', () => {
  expect(looks(250_000, 0, 250)).toEqual([false, true]);
});

test('the bytes of heartbeats and RTCP are no bulk transfer', () => {
  expect(looks(2000, 0, 500, 1000, 4000, 12_000)).toEqual([false, false, false, false, false]);
});

test('a transfer that only trickles after a loss still is a bulk transfer', () => {
  expect(looks(7000, 0, 500, 1000, 1500)).toEqual([false, false, false, true]);
});

test('a bulk transfer counts for 5 s after it has stopped', () => {
  const flow = new BulkFlow();

  flow.grewTo(0, 0);
  expect(flow.grewTo(100_000, 500)).toBe(true);
  expect(flow.grewTo(100_000, 5500)).toBe(true);
  expect(flow.grewTo(100_000, 5501)).toBe(false);
});

test('a look from long ago and a counter that was set back are compared with nothing', () => {
  expect(looks(250_000, 0, 10_001, 10_251)).toEqual([false, false, true]);

  const flow = new BulkFlow();

  flow.grewTo(1_000_000, 0);
  expect(flow.grewTo(10, 500)).toBe(false);
  expect(flow.grewTo(100_010, 1000)).toBe(true);
});
