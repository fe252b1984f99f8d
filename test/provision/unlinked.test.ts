import { describe, expect, it } from 'vitest';
import { type RanTest, unprovenFaults, unprovenRequirements } from '../../scripts/system/unlinked.ts';

const ran = (over: Partial<RanTest>): RanTest => ({
  file: 'test/some.test.ts',
  name: '',
  fullName: over.name ?? '',
  state: 'passed',
  isEmpty: false,
  requirements: [],
  ...over,
});

describe('the requirements of PROTOCOL.md', () => {
  const protocol = '- **HB-ONE-1** A.\n- **HB-ONE-2** B, as in HB-ONE-1.\n- **HB-ONE-3** C.';
  const missing = (...tests: RanTest[]) => unprovenRequirements(tests, protocol);

  it('are exercised by tests that name them in their title, or report them', () => {
    const tests = [
      ran({ fullName: 'a suite > [HB-ONE-1] [HB-ONE-2] does so' }),
      ran({ requirements: ['HB-ONE-3'] }),
    ];

    expect(missing(...tests)).toEqual([]);
  });

  it('are not exercised by a test that failed, was skipped, or checked nothing', () => {
    const tests = [
      ran({ name: '[HB-ONE-1]', state: 'failed' }),
      ran({ name: '[HB-ONE-2]', state: 'skipped' }),
      ran({ name: '[HB-ONE-3]', isEmpty: true }),
    ];

    expect(missing(...tests)).toEqual([
      { what: 'HB-ONE-1', isSkipped: false },
      { what: 'HB-ONE-2', isSkipped: true },
      { what: 'HB-ONE-3', isSkipped: false },
    ]);
  });
});

/** As a test's source has it. */
const PLACEHOLDER = '$' + '{direction}';

describe('the faults of docs/reliability.md', () => {
  const table = [
    '| fault | test |',
    '| one | `test/chaos/a`: “a cut of %i s kills nobody” |',
    `| two | \`test/chaos/describeIt\`: “a bulk ${PLACEHOLDER} is slow” |`,
  ].join('\n');
  const missing = (...tests: RanTest[]) => unprovenFaults(tests, table).map(({ what }) => what);

  it('are proven by a test with that title in that file, whatever stands for its placeholders', () => {
    const tests = [
      ran({ file: 'test/chaos/a.test.ts', name: '[HB-X-1] a cut of 4 s kills nobody' }),
      ran({ file: 'test/chaos/bulk.test.ts', name: 'a bulk upload is slow' }),
    ];

    expect(missing(...tests)).toEqual([]);
  });

  it('are not proven by a test of another title, or by one that did not pass', () => {
    const tests = [
      ran({ file: 'test/chaos/a.test.ts', name: 'a cut of 4 s kills everybody' }),
      ran({ file: 'test/chaos/bulk.test.ts', name: 'a bulk upload is slow', state: 'failed' }),
      // It compares the table with the sources.
      ran({ file: 'test/docs/reliability.test.ts', name: `the table has ${table}` }),
    ];

    expect(missing(...tests)).toEqual([
      'test/chaos/a: a cut of %i s kills nobody',
      `test/chaos/describeIt: a bulk ${PLACEHOLDER} is slow`,
    ]);
  });
});
