import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { TestCounter } from './test/harness/TestCounter.ts';

/** Where `npm test` wants to have it written down how many tests there were. */
const { TEST_COUNTS } = process.env;

const packages = fileURLToPath(new URL('./packages', import.meta.url));

export default defineConfig({
  resolve: {
    // The tests read the sources, so that no forgotten build can hide a change.
    alias: [
      { find: /^@mediasoup-heartbeat\/(\w+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@mediasoup-heartbeat\/(\w+)\/(\w+)$/, replacement: `${packages}/$1/src/$2.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/harness/exit.ts', 'test/harness/checked.ts', 'test/harness/mediasoupLog.ts'],
    // Most of the time a test waits for a clock or for a network. More at once would wait for the processor.
    maxWorkers: 2,
    reporters: ['default', ...(TEST_COUNTS ? [new TestCounter(TEST_COUNTS)] : [])],
    // Tests wait for events of real processes on machines that may be busy: a bound, not a measure.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
