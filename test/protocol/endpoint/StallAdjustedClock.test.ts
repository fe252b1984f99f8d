import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StallAdjustedClock } from '../../../packages/protocol/src/endpoint/StallAdjustedClock.ts';

/** A clock that has read the clock once. */
function since(reading: number): StallAdjustedClock {
  const clock = new StallAdjustedClock();

  clock.at(reading);

  return clock;
}

describe('StallAdjustedClock', () => {
  it('is the caller’s clock as long as nothing happens', () => {
    const clock = since(1000);

    expect(clock.at(1500)).toBe(1500);
    expect(clock.latest).toBe(1500);
    expect(clock.reading(2000)).toBe(2000);
  });

  it('stands still in a stall, and readings to come are later by it', () => {
    const clock = since(1000);

    clock.skip(1000, 6000);

    expect(clock.at(6000)).toBe(1000);
    expect(clock.at(6100)).toBe(1100);
    expect(clock.reading(1200)).toBe(6200);
  });

  it('counts what was read meanwhile as time: only the rest of a stall is one', () => {
    const clock = since(1000);

    clock.at(2500);
    clock.skip(1000, 6000);

    expect(clock.at(6000)).toBe(2500);
  });

  it('stands still where the caller’s clock is set back, and goes on from there', () => {
    const clock = since(10_000);

    expect(clock.at(3000)).toBe(10_000);
    expect(clock.at(3200)).toBe(10_200);
    expect(clock.reading(10_500)).toBe(3500);
  });

  it('says how late a reading is without taking it over', () => {
    const clock = since(1000);

    expect(clock.late(9000, 2000)).toBe(7000);
    expect(clock.latest).toBe(1000);
  });

  it('ignores a reading that is no time', () => {
    const clock = since(1000);

    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(clock.at(none)).toBe(1000);
      clock.skip(none, 2000);
      clock.skip(1000, none);
    }

    expect(clock.reading(1000)).toBe(1000);
    expect(clock.at(1500)).toBe(1500);
  });

  it('never goes backwards, whatever clock and stalls say, and knows no stall that ends before it begins', () => {
    const reading = fc.integer({ min: -1e9, max: 1e9 });
    const events = fc.array(
      fc.oneof(
        fc.record({ now: reading }),
        fc.record({ from: reading, to: reading }, { noNullPrototype: true }),
      ),
    );

    fc.assert(
      fc.property(reading, events, (start, steps) => {
        const clock = since(start);
        let latest = clock.latest;

        for (const step of steps) {
          if ('now' in step) {
            expect(clock.at(step.now)).toBeGreaterThanOrEqual(latest);
            expect(clock.reading(clock.latest)).toBeCloseTo(step.now, 3);
          } else {
            clock.skip(step.from, step.to);
          }

          expect(clock.latest).toBeGreaterThanOrEqual(latest);
          latest = clock.latest;
        }
      }),
    );
  });
});
