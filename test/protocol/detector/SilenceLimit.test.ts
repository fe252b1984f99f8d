import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SilenceLimit } from '../../../packages/protocol/src/detector/SilenceLimit.ts';

const LEAST = 2000;

/** Silences of these lengths, with so many answers before each, and after the last. */
function silences(
  lengths: readonly number[],
  answers: number,
  limit = new SilenceLimit(LEAST),
): SilenceLimit {
  for (const length of lengths) {
    answer(limit, answers);
    limit.ended(length);
  }

  return limit;
}

function answer(limit: SilenceLimit, answers: number): void {
  for (let count = 0; count < answers; count++) {
    limit.answered();
  }
}

/** As many lengths as bursts of this mean have, from the shortest to the longest, in a fixed disorder. */
function exponential(mean: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const share = (((index * 7) % count) + 0.5) / count;

    return -mean * Math.log(1 - share);
  });
}

describe('SilenceLimit', () => {
  it('leaves a young link a wide limit, and an old one with no silences a close one', () => {
    const limit = new SilenceLimit(LEAST);
    const young = limit.limit;

    answer(limit, 3000);
    expect(young).toBeGreaterThan(10 * LEAST);
    expect(limit.limit).toBeLessThan(7 * LEAST);
  });

  it('stays close to the longest of silences that are all alike', () => {
    const limit = silences(Array(100).fill(4000), 15).limit;

    expect(limit).toBeGreaterThan(4000);
    expect(limit).toBeLessThan(5000);
  });

  it('stays far above the longest of silences that end at random', () => {
    const limit = silences(exponential(1000, 100), 5).limit;

    expect(limit).toBeGreaterThan(4 * 5000);
    expect(limit).toBeLessThan(7 * 5000);
  });

  it('forgets once nothing has come for far longer than usual, and remembers when it comes back', () => {
    const limit = silences(Array(30).fill(8000), 10);
    const before = limit.limit;

    expect(limit.trust).toBe(1);
    answer(limit, 100);
    expect(limit.trust).toBeLessThan(0.2);
    expect(limit.limit).toBeLessThan(before / 2);
    limit.ended(1000);
    expect(limit.trust).toBe(1);
    expect(limit.limit).toBeGreaterThan(0.9 * before);
  });

  it('takes longer to forget where silences are rare', () => {
    const often = silences(Array(30).fill(8000), 10);
    const seldom = silences(Array(30).fill(8000), 100);

    answer(often, 300);
    answer(seldom, 300);
    expect(often.trust).toBeLessThan(0.01);
    expect(seldom.trust).toBe(1);
  });

  it('is finite and at least as long as what is assumed, whatever came', () => {
    const event = fc.record({ answers: fc.nat(2000), length: fc.integer({ min: 0, max: 100_000 }) });

    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), events => {
        const limit = new SilenceLimit(LEAST);

        for (const { answers, length } of events) {
          answer(limit, answers);
          limit.ended(length);

          expect(limit.limit).toBeGreaterThanOrEqual(LEAST);
          expect(limit.limit).toBeLessThan(Number.POSITIVE_INFINITY);
          expect(limit.trust).toBe(1);
        }
      }),
      { numRuns: 60 },
    );
  });
});
