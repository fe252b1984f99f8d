import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerDeadline } from '../../../packages/protocol/src/detector/AnswerDeadline.ts';

function taught(...rtts: number[]): AnswerDeadline {
  const deadline = new AnswerDeadline();

  for (const rtt of rtts) {
    deadline.learn(rtt);
  }

  return deadline;
}

describe('AnswerDeadline', () => {
  it('is that of RFC 6298 before the first answer', () => {
    expect(taught()).toMatchObject({ value: 1000, smoothed: 0 });
  });

  it('takes smoothed round trip and variation over as RFC 6298 §2 has them', () => {
    expect(taught(200)).toMatchObject({ value: 200 + 4 * 100, smoothed: 200 });
    expect(taught(200, 280)).toMatchObject({ value: 210 + 4 * 95, smoothed: 210 });
  });

  it('leaves a margin of 70 ms on the quietest link', () => {
    expect(taught(...Array(200).fill(20)).value).toBeCloseTo(20 + 70, 3);
  });

  it('follows a queue that grows within a few pings', () => {
    const deadline = taught(...Array(200).fill(20));

    for (let rtt = 40, pings = 0; rtt < 1000; rtt *= 1.5, pings++) {
      expect(pings).toBeLessThan(10);
      deadline.learn(rtt);
    }

    expect(deadline.value).toBeGreaterThan(1000);
  });

  it('is hardly moved by a page that thaws: one sample counts for 1.5 deadlines at most', () => {
    const deadline = taught(...Array(200).fill(20), 60_000);

    expect(deadline.value).toBeLessThan(300);
  });

  it('is back at its margin within 30 answers after a bloated queue', () => {
    const deadline = taught(...Array(50).fill(2000), ...Array(30).fill(20));

    expect(deadline.value).toBeLessThan(350);
  });

  it('learns nothing of what is no time', () => {
    const { value, smoothed } = taught(20, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

    expect({ value, smoothed }).toEqual({ value: taught(20).value, smoothed: 20 });
  });

  it('is above the round trip and its margin and at most 3 s, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1000, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 }),
        rtts => {
          const { value, smoothed } = taught(...rtts);

          expect(value).toBeGreaterThanOrEqual(Math.min(3000, smoothed + 70));
          expect(value).toBeLessThanOrEqual(3000);
        },
      ),
    );
  });
});
