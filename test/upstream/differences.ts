// The documented differences that the heartbeat makes. The suites would notice them, so each is masked here by its name.
// Nothing else is masked.

/** What is masked while a suite runs (maskDump.ts, client.ts), with the reason. */
export const MASKED = {
  'dump() lists the objects of the heartbeat':
    'README, Limits. Left out are at most one DataConsumer a transport and one bridge a Router, of which no observer was told.',
  'sctpParameters have a field more than dump()':
    'README: the descriptor rides in transport.sctpParameters. What a transport dumps is given it, too.',
  'the heartbeat leaves FakeHandler alone':
    'docs/guides/unit-tests.md. Here the handler has another name, and the descriptor the stream id 1, as FakeHandler says 1 of ' +
    'its first channel.',
} as const;

/** An expectation that is changed in the source of a test, as the difference is on the wire. */
type Change = { file: string; test: string; reason: string; replace: readonly (readonly [string, string])[] };

export const CHANGED: readonly Change[] = [
  {
    file: 'test-werift-sctp.js',
    test: 'ordered DataProducer delivers all SCTP messages to the DataConsumer',
    reason: 'README, Limits: the stream ids of the application begin one higher.',
    replace: [
      [
        'expect(ctx.dataConsumer.sctpStreamParameters?.streamId).toBe(0)',
        'expect(ctx.dataConsumer.sctpStreamParameters?.streamId).toBe(1)',
      ],
      ['if (streamId !== 0)', 'if (streamId !== 1)'],
    ],
  },
];

/**
 * The source of a test file with the expectations that have to change.
 *
 * @throws Error if an expectation is missing. Then the suite has changed, and the difference must be checked again.
 */
export function changedExpectations(file: string, source: string): string {
  let changed = source;

  for (const { test, replace } of CHANGED.filter(change => file.endsWith(`/${change.file}`))) {
    for (const [before, after] of replace) {
      if (changed.split(before).length !== 2) {
        throw new Error(`${file}, "${test}": not found once: ${before}`);
      }

      changed = changed.replace(before, after);
    }
  }

  return changed;
}
