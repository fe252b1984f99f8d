import { describe, expect, it } from 'vitest';
import { changedExpectations } from './differences.ts';
import { runSuite } from './runSuite.ts';
import { type SuiteName, suites } from './suites.ts';

// A short run of `npm run test:upstream`, each suite in a process of its own.

const workers: Partial<Record<SuiteName, string | undefined>> = {
  mediasoup: process.env.MEDIASOUP_WORKER_BIN,
  'mediasoup-oldest': process.env.MEDIASOUP_OLDEST_WORKER_BIN,
};

/** `npm test` provides the workers, or says that there is none. CI must have both. */
function isRunnable(name: SuiteName): boolean {
  return suites[name].side === 'client' || Boolean(workers[name]) || Boolean(process.env.CI);
}

describe.each(Object.keys(suites) as SuiteName[])('the test suite of %s', name => {
  it.runIf(isRunnable(name))(
    'passes with the heartbeat on every transport',
    { timeout: 120_000 },
    async () => {
      const { failed, skipped, passed, unproven, output } = await runSuite(name, {
        worker: workers[name] ?? '',
        files: suites[name].selection,
      });

      expect({ failed, skipped, unproven }, output).toEqual({ failed: 0, skipped: 0, unproven: [] });
      expect(passed).toBeGreaterThan(0);
    },
  );
});

describe('changedExpectations()', () => {
  it('leaves a file alone if its expectations hold with the heartbeat', () => {
    expect(changedExpectations('/test/test-Router.js', 'expect(streamId).toBe(0)')).toBe(
      'expect(streamId).toBe(0)',
    );
  });

  it('throws if the suite no longer has an expectation that it changes', () => {
    expect(() => changedExpectations('/test/test-werift-sctp.js', '')).toThrow('not found once: expect(');
  });
});
