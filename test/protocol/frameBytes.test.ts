import { expect, it } from 'vitest';
import { frameBytes } from '../../bench/cost/micro.ts';

it('the usual frames have 16, 20 and 12 bytes or fewer', () => {
  const { ping, pong, report, hello, goodbye } = frameBytes();

  expect(ping).toBeLessThanOrEqual(16);
  expect(pong).toBeLessThanOrEqual(20);
  expect(Math.max(report ?? 99, hello ?? 99, goodbye ?? 99)).toBeLessThanOrEqual(12);
});
