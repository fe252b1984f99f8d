import { describe, expect, it } from 'vitest';
import { SilenceModel } from '../../../packages/protocol/src/detector/SilenceModel.ts';
import { SilenceRecord } from '../../../packages/protocol/src/detector/SilenceRecord.ts';

const EMPTY = { missed: 0, weight: 0, afterOutage: { missed: 0, weight: 0 } };

/** The record of a silence since `now`, in which these were missed. */
function silence(now: number, provenAt: number, ...askedAt: number[]): SilenceRecord {
  const record = new SilenceRecord(new SilenceModel(), 4000);

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
    const { missed, afterOutage } = silence(1000, 980, 2000, 4979, 4980, 5100);

    expect({ missed, afterOutage }).toEqual({
      missed: 4,
      afterOutage: { missed: 2, weight: 2 * new SilenceModel().weigh(1) },
    });
  });

  it('is over with the first sign of life, whole', () => {
    const record = silence(0, 0, 9000);

    record.reset(9100);
    expect(record).toMatchObject({ since: 9100, ...EMPTY });
  });
});
