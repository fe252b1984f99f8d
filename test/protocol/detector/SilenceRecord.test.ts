import { describe, expect, it } from 'vitest';
import { DEATH_WEIGHT } from '../../../packages/protocol/src/detector/bounds.ts';
import { SilenceLimit } from '../../../packages/protocol/src/detector/SilenceLimit.ts';
import { SilenceModel } from '../../../packages/protocol/src/detector/SilenceModel.ts';
import { SilenceRecord } from '../../../packages/protocol/src/detector/SilenceRecord.ts';

const EMPTY = { missed: 0, weight: 0, afterOutage: { missed: 0, weight: 0 } };

/** The record of a silence since `now`, in which these were missed: of outages of up to 4 s, and silences of up to 5 s by them. */
function silence(now: number, provenAt: number, ...askedAt: number[]): SilenceRecord {
  const record = new SilenceRecord(new SilenceModel(), new SilenceLimit(1000), 4000, 5000);

  record.reset(now, provenAt);

  for (const at of askedAt) {
    record.add(at);
  }

  return record;
}

describe('SilenceRecord', () => {
  it('is empty when it begins', () => {
    expect(silence(1000, 1000)).toMatchObject({ since: 1000, ...EMPTY });
  });

  it('weighs the sum of its misses', () => {
    const record = silence(0, 0, 500, 600, 700);
    const model = new SilenceModel();

    expect(record.missed).toBe(3);
    expect(record.weight).toBeCloseTo(model.weigh(1) + model.weigh(2) + model.weigh(3), 10);
  });

  it('counts apart the misses that no outage explains: of pings that left after it must have been over', () => {
    const { missed, afterOutage } = silence(1000, 980, 2000, 5979, 5980, 6100);

    // An outage that began with the first of them was over at 5980 by the silence that it explains.
    expect({ missed, afterOutage }).toEqual({
      missed: 4,
      afterOutage: { missed: 2, weight: 2 * new SilenceModel().weigh(1) },
    });
  });

  it('does not take for an outage what began with the second miss, unless the first was lost by chance', () => {
    // Over at 5500 if it began with the first, or at 5600 if it began with the second.
    const { afterOutage } = silence(1000, 1000, 1500, 1600, 5500, 5599);

    expect(afterOutage).toEqual({
      missed: 1,
      weight: new SilenceModel().weigh(1) + Math.LN10,
    });
  });

  it('weighs for death at the limit of what was seen of the peer, however patient the model is', () => {
    const limit = new SilenceLimit(1000);
    const model = new SilenceModel();

    for (let time = 0; time < 50; time++) {
      model.ended(300, 0);
      limit.ended(1000);
    }

    const record = new SilenceRecord(model, limit, 4000, 5000);

    record.reset(0);

    for (let miss = 0; record.deepFor < limit.limit; miss++) {
      expect(record.weight).toBeLessThan(DEATH_WEIGHT);
      record.add(1000 + 100 * miss);
    }

    expect(record.weight).toBeGreaterThanOrEqual(DEATH_WEIGHT);
  });

  it('tells for how long it is deep: from the fourth miss to the last', () => {
    expect(silence(0, 0, 1000, 1100, 1200).deepFor).toBe(0);
    expect(silence(0, 0, 1000, 1100, 1200, 1300, 1400, 1500).deepFor).toBe(200);
  });

  it('is over with the first sign of life, whole', () => {
    const record = silence(0, 0, 9000);

    record.reset(9100);
    expect(record.deepFor).toBe(0);
    expect(record).toMatchObject({ since: 9100, ...EMPTY });
  });
});
