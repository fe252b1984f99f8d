import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OwnTime } from '../../../packages/protocol/src/detector/OwnTime.ts';

/** An own time that has read the clock once. */
function since(reading: number): OwnTime {
  const time = new OwnTime();

  time.at(reading);

  return time;
}

describe('OwnTime', () => {
  it('is the clock as long as nothing happens', () => {
    const time = since(1000);

    expect(time.at(1500)).toBe(1500);
    expect(time.latest).toBe(1500);
    expect(time.reading(2000)).toBe(2000);
  });

  it('stands still for a pause, and readings to come are later by it', () => {
    const time = since(1000);

    time.skip(1000, 6000);

    expect(time.at(6000)).toBe(1000);
    expect(time.at(6100)).toBe(1100);
    expect(time.reading(1200)).toBe(6200);
  });

  it('lived through what was read meanwhile: only the rest of a pause is one', () => {
    const time = since(1000);

    time.at(2500);
    time.skip(1000, 6000);

    expect(time.at(6000)).toBe(2500);
  });

  it('stands still for a clock that is set back, and goes on from there', () => {
    const time = since(10_000);

    expect(time.at(3000)).toBe(10_000);
    expect(time.at(3200)).toBe(10_200);
    expect(time.reading(10_500)).toBe(3500);
  });

  it('says how late a reading is without taking it over', () => {
    const time = since(1000);

    expect(time.late(9000, 2000)).toBe(7000);
    expect(time.latest).toBe(1000);
  });

  it('knows no reading that is no time', () => {
    const time = since(1000);

    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(time.at(none)).toBe(1000);
      time.skip(none, 2000);
      time.skip(1000, none);
    }

    expect(time.reading(1000)).toBe(1000);
    expect(time.at(1500)).toBe(1500);
  });

  it('never goes backwards, whatever clock and pauses say, and knows no pause that ends before it begins', () => {
    const reading = fc.integer({ min: -1e9, max: 1e9 });
    const events = fc.array(
      fc.oneof(
        fc.record({ now: reading }),
        fc.record({ from: reading, to: reading }, { noNullPrototype: true }),
      ),
    );

    fc.assert(
      fc.property(reading, events, (start, steps) => {
        const time = since(start);
        let latest = time.latest;

        for (const step of steps) {
          if ('now' in step) {
            expect(time.at(step.now)).toBeGreaterThanOrEqual(latest);
            expect(time.reading(time.latest)).toBeCloseTo(step.now, 3);
          } else {
            time.skip(step.from, step.to);
          }

          expect(time.latest).toBeGreaterThanOrEqual(latest);
          latest = time.latest;
        }
      }),
    );
  });
});
