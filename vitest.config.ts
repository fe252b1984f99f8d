import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { TestCounter } from './test/harness/TestCounter.ts';

/** Where `npm test` wants to have it written down how many tests there were. */
const { TEST_COUNTS } = process.env;

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    // The tests read the sources, so that no forgotten build can hide a change.
    alias: {
      '@mediasoup-heartbeat/protocol': source('protocol'),
      '@mediasoup-heartbeat/server': source('server'),
      '@mediasoup-heartbeat/client': source('client'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/harness/exit.ts', 'test/harness/mediasoupLog.ts'],
    // Most of the time a test waits for a clock or for a network. More at once would wait for the processor.
    maxWorkers: 2,
    reporters: ['default', ...(TEST_COUNTS ? [new TestCounter(TEST_COUNTS)] : [])],
    // Tests wait for events of real processes on machines that may be busy: a bound, not a measure.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
