import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LOGGING, logIn } from '../harness/mediasoupLog.ts';
import type { Leftovers } from './cycles.ts';

const CYCLES = 10_000;

/** How much the heap may differ between two collections of the same, in bytes: less than 100 for each cycle. */
const HEAP_NOISE = 800_000;

/** The same for the worker, whose allocator gives nothing back. */
const WORKER_NOISE = 8_000_000;

it(`${CYCLES.toLocaleString('en')} heartbeats attached and closed leave nothing in the heap, the worker or the process`, async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      '--expose-gc',
      '--import',
      new URL('sources.ts', import.meta.url).href,
      fileURLToPath(new URL('cycles.ts', import.meta.url)),
      String(CYCLES),
    ],
    { maxBuffer: 2 ** 24, env: LOGGING },
  );
  const { before, after, heaps, workers, waysBack, unhandled }: Leftovers = JSON.parse(stdout);

  expect(logIn(stderr)).toEqual([]);
  // In any order.
  expect(after.worker.channelMessageHandlers.channelRequestHandlers.sort()).toEqual(
    before.worker.channelMessageHandlers.channelRequestHandlers.sort(),
  );
  expect(after).toEqual(before);
  expect(unhandled).toEqual([]);
  expect(waysBack).toBe(0.9 * CYCLES);
  expect(heaps).toHaveLength(10);
  expect((heaps.at(-1) ?? Number.NaN) - (heaps[0] ?? Number.NaN)).toBeLessThan(HEAP_NOISE);
  expect((workers.at(-1) ?? Number.NaN) - (workers[0] ?? Number.NaN)).toBeLessThan(WORKER_NOISE);
}, 240_000);
