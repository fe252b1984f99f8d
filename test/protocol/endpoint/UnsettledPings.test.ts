import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Arrival,
  Fate,
  PINGS_REMEMBERED,
  UnsettledPings,
} from '../../../packages/protocol/src/endpoint/UnsettledPings.ts';

/** Adds pings with these numbers. Each has times and a token of its own. */
function add(pings: UnsettledPings, from: number, to: number, keptFrom = from): void {
  for (let seq = from; seq < to; seq++) {
    pings.add(seq, 0xffff_0000 + seq, seq + 0.5, seq + 0.25, seq % 2 === 0, Math.min(seq, keptFrom));
  }
}

describe('UnsettledPings', () => {
  it('keeps all that was entered of a ping', () => {
    const pings = new UnsettledPings();

    add(pings, 0, 3);

    const place = pings.find(1);

    expect(pings.tokenAt(place)).toBe(0xffff_0001);
    expect(pings.sentAt(place)).toBe(1.5);
    expect(pings.sentReadingAt(place)).toBe(1.25);
    expect(pings.isPickedAt(place)).toBe(false);
    expect(pings.isPickedAt(pings.find(2))).toBe(true);
    expect(pings.find(3)).toBeLessThan(0);
  });

  it('keeps fate, arrival and pick of a ping apart', () => {
    const pings = new UnsettledPings();

    add(pings, 0, 3);

    const place = pings.find(2);

    expect([pings.fateAt(place), pings.arrivalAt(place)]).toEqual([Fate.Pending, Arrival.Unknown]);
    pings.setArrival(place, Arrival.No);
    pings.setFate(place, Fate.Counted);
    pings.setArrival(place, Arrival.Yes);
    pings.setFate(place, Fate.Lost);
    expect([pings.fateAt(place), pings.arrivalAt(place), pings.isPickedAt(place)]).toEqual([
      Fate.Lost,
      Arrival.Yes,
      true,
    ]);
    expect(pings.fateAt(pings.find(1))).toBe(Fate.Pending);
  });

  it('has room for 8 pings while each is answered before the 5th after it leaves', () => {
    const pings = new UnsettledPings();

    for (let seq = 0; seq < 1000; seq++) {
      add(pings, seq, seq + 1, seq - 4);

      if (seq >= 4) {
        pings.setFate(pings.find(seq - 4), Fate.Answered);
      }
    }

    expect(pings.room).toBe(8);
  });

  it('has room for 128 pings at most, however many stay without an answer, and gives it back', () => {
    const pings = new UnsettledPings();

    add(pings, 0, 10_000, 0);
    expect(pings.room).toBe(PINGS_REMEMBERED);
    expect(pings.find(10_000 - PINGS_REMEMBERED - 1)).toBeLessThan(0);
    expect(pings.find(10_000 - PINGS_REMEMBERED)).toBeGreaterThanOrEqual(0);

    for (let seq = 10_000; seq < 11_000; seq++) {
      add(pings, seq, seq + 1, seq + 1);
      pings.setFate(pings.find(seq), Fate.Answered);
    }

    expect(pings.room).toBe(8);
  });

  it('finds what it has to keep, and nothing that never left, whatever is answered and kept', () => {
    const steps = fc.array(
      fc.record({ answers: fc.integer({ min: 0, max: 150 }), keeps: fc.integer({ min: 0, max: 150 }) }),
      { minLength: 1, maxLength: 600 },
    );

    fc.assert(
      fc.property(steps, all => {
        const pings = new UnsettledPings();
        const answered = new Set<number>();
        let keptFrom = 0;

        for (const [seq, { answers, keeps }] of all.entries()) {
          keptFrom = Math.max(keptFrom, seq - keeps);
          pings.add(seq, seq, seq, seq, false, keptFrom);

          const place = pings.find(seq - answers);

          if (place >= 0) {
            pings.setFate(place, Fate.Answered);
            answered.add(seq - answers);
          }

          for (let back = 0; back < Math.min(seq + 1, PINGS_REMEMBERED); back++) {
            const at = pings.find(seq - back);

            if (at >= 0) {
              expect(pings.tokenAt(at)).toBe(seq - back);
              expect(pings.fateAt(at) === Fate.Answered).toBe(answered.has(seq - back));
            } else {
              // It is gone, so it was answered, and nobody wanted it to be kept.
              expect(answered.has(seq - back) && seq - back < keptFrom).toBe(true);
            }
          }

          expect(pings.find(seq + 1)).toBeLessThan(0);
          expect(pings.room).toBeLessThanOrEqual(PINGS_REMEMBERED);
        }
      }),
      { numRuns: 30 },
    );
  });
});
