import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** What the core may allocate per ping, in bytes. The frame itself takes a third of it, and more than the least. */
const MOST = 300;
const LEAST = 90;

it(`the server allocates at most ${MOST} bytes per ping while nobody listens`, {
  timeout: 120_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--min-semi-space-size=256',
    '--max-semi-space-size=256',
    'bench/cost/allocations.ts',
  ]);
  const perPing = Number(stdout);

  expect(perPing).toBeGreaterThan(LEAST);
  expect(perPing).toBeLessThan(MOST);
});
