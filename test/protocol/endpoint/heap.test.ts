import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** What the core may hold for a heartbeat that has run for minutes, in bytes. Its RTT samples alone take more than the least. */
const MOST = 7000;
const LEAST = 1000;

it(`the server's core holds at most ${MOST} bytes for each heartbeat`, { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'bench/cost/heap.ts']);
  const held = Number(stdout);

  expect(held).toBeGreaterThan(LEAST);
  expect(held).toBeLessThan(MOST);
});
