import { describe, expect, it } from 'vitest';
import { Silence } from '../../../packages/protocol/src/detector/Silence.ts';
import { SilenceModel } from '../../../packages/protocol/src/detector/SilenceModel.ts';

describe('Silence', () => {
  it('is empty when it begins', () => {
    const silence = new Silence(new SilenceModel());

    silence.broken(1000);

    expect(silence).toMatchObject({ since: 1000, run: 0, weight: 0, beyond: 0 });
  });

  it('weighs the sum of its misses', () => {
    const model = new SilenceModel();
    const silence = new Silence(model);

    silence.broken(0);

    for (const sentAt of [500, 600, 700]) {
      silence.missed(sentAt, 4000);
    }

    expect(silence.run).toBe(3);
    expect(silence.weight).toBeCloseTo(model.weigh(1) + model.weigh(2) + model.weigh(3), 10);
  });

  it('counts apart the misses that no outage explains: of pings that left after it must have been over', () => {
    const silence = new Silence(new SilenceModel());

    silence.broken(1000, 980);

    for (const sentAt of [2000, 4979, 4980, 5100]) {
      silence.missed(sentAt, 4000);
    }

    expect(silence).toMatchObject({ run: 4, beyond: 2 });
  });

  it('is over with the first sign of life, whole', () => {
    const silence = new Silence(new SilenceModel());

    silence.broken(0);
    silence.missed(9000, 4000);
    silence.broken(9100);

    expect(silence).toMatchObject({ since: 9100, run: 0, weight: 0, beyond: 0 });
  });
});
