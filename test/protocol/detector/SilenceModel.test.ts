import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SilenceModel } from '../../../packages/protocol/src/detector/SilenceModel.ts';

/** What a silence of `run` misses weighs at present. */
function weightOf(model: SilenceModel, run: number): number {
  let weight = 0;

  for (let miss = 1; miss <= run; miss++) {
    weight += model.weigh(miss);
  }

  return weight;
}

/** Misses in a row until they weigh `enough`. */
function missesTo(model: SilenceModel, enough: number): number {
  let run = 1;

  while (weightOf(model, run) < enough) {
    run++;
  }

  return run;
}

type Lesson = { times: number; run: number; answers: number };

/** Teaches a silence of `run` misses after each `answers` answers. */
function silences({ times, run, answers }: Lesson, model = new SilenceModel()): SilenceModel {
  for (let time = 0; time < times; time++) {
    for (let answer = 0; answer < answers; answer++) {
      model.answered();
    }

    model.ended(run, weightOf(model, run));
  }

  return model;
}

describe('SilenceModel', () => {
  it('takes one ping in 20 for lost before it knows better', () => {
    expect(new SilenceModel().missRate).toBeCloseTo(1 / 20, 10);
  });

  it('learns how often pings are missed', () => {
    expect(silences({ times: 100, run: 1, answers: 9 }).missRate).toBeCloseTo(0.1, 1);
    expect(silences({ times: 1, run: 1, answers: 2000 }).missRate).toBeLessThan(0.01);
  });

  it('lets the first miss weigh what a link rarely does', () => {
    const clean = silences({ times: 1, run: 1, answers: 1000 });
    const lossy = silences({ times: 200, run: 1, answers: 2 });

    expect(clean.weigh(1)).toBeGreaterThan(4);
    expect(lossy.weigh(1)).toBeLessThan(1.5);
  });

  it('is the likelihood of independent loss where loss is independent', () => {
    const model = new SilenceModel();
    let loss = 1;

    // Of 30 % loss: runs of a length that is geometric, the rarest of them left out.
    for (let round = 0; round < 400; round++) {
      for (let answer = 0; answer < 7; answer++) {
        model.answered();
      }

      for (loss = 1; (round * 0.618) % 1 < 0.3 ** loss; loss++) {}

      for (let silence = 0; silence < 3; silence++) {
        model.ended(loss, weightOf(model, loss));
      }
    }

    for (const run of [1, 2, 3]) {
      expect(model.weigh(run)).toBeCloseTo(-Math.log(0.3), 0);
    }
  });

  it('lets each further miss of a silence weigh less, and the more so the less it knows', () => {
    const fresh = new SilenceModel();
    const taught = silences({ times: 300, run: 5, answers: 10 });

    for (let run = 6; run < 60; run++) {
      expect(fresh.weigh(run)).toBeLessThan(fresh.weigh(run - 1));
      expect(taught.weigh(run)).toBeLessThanOrEqual(taught.weigh(run - 1));
    }

    expect(fresh.weigh(60) / fresh.weigh(6)).toBeLessThan(taught.weigh(60) / taught.weigh(6));
  });

  it('is more patient with a link of long bursts than with one of short ones, for as many pings lost', () => {
    const single = silences({ times: 400, run: 1, answers: 4 });
    const bursts = silences({ times: 80, run: 8, answers: 20 });

    expect(missesTo(bursts, 16)).toBeGreaterThan(2 * missesTo(single, 16));
  });

  it('does not learn from a rare outage', () => {
    const model = silences({ times: 50, run: 1, answers: 30 });
    const before = missesTo(model, 16);

    silences({ times: 5, run: 40, answers: 300 }, model);

    // Only the first miss of each counts: pings are missed a little more often.
    expect(missesTo(model, 16)).toBeLessThanOrEqual(before + 1);
  });

  it('learns from outages that come in threes, from the first of them on', () => {
    const model = silences({ times: 50, run: 1, answers: 30 });
    const before = missesTo(model, 16);
    const weight = weightOf(model, 40);

    model.ended(40, weight);
    model.ended(40, weight);
    expect(missesTo(model, 16)).toBe(before);
    model.ended(40, weight);
    expect(missesTo(model, 16)).toBeGreaterThan(1.5 * before);
  });

  it('learns from the first outage of a young link', () => {
    const young = silences({ times: 1, run: 1, answers: 30 });
    const old = silences({ times: 1, run: 1, answers: 300 });

    for (const model of [young, old]) {
      const before = missesTo(model, 16);

      model.ended(40, weightOf(model, 40));
      expect(missesTo(model, 16) > before).toBe(model === young);
    }
  });

  it('[HB-SEC-2] keeps no more of outages than it needs, however long they come one after the other is forgiven', () => {
    const accidents = (times: number) => {
      const model = silences({ times: 1, run: 1, answers: 300 });

      // Two at once, and then as often as one of them is forgiven.
      model.ended(100, 100);

      for (let time = 0; time < times; time++) {
        model.ended(100, 100);
        silences({ times: 1, run: 1, answers: 121 }, model);
      }

      // Three more: all that are remembered are learned from.
      model.ended(100, 100);
      model.ended(100, 100);
      model.ended(100, 100);

      return model.weigh(50);
    };

    expect(accidents(2000)).toBeGreaterThan(accidents(20) / 2);
  });

  it('assumes of deep silences what it assumed at first, where what it learned of them is not to be trusted', () => {
    const fresh = new SilenceModel();
    const taught = silences({ times: 100, run: 40, answers: 5 });

    for (const run of [2, 5, 10, 16]) {
      expect(taught.weigh(run, 1)).toBeLessThan(fresh.weigh(run) / 2);
      expect(taught.weigh(run, 0)).toBeCloseTo(fresh.weigh(run), 10);
    }
  });

  it('forgets: a link that was bad in the morning is judged quickly in the evening', () => {
    const model = silences({ times: 300, run: 8, answers: 5 });
    const bad = missesTo(model, 16);

    for (let answer = 0; answer < 36_000; answer++) {
      model.answered();
    }

    expect(missesTo(model, 16)).toBeLessThan(bad / 3);
  });

  it('is finite, positive and forgiving at the depth of any silence, whatever it was taught', () => {
    const lesson = fc.record({ answers: fc.nat(3000), run: fc.integer({ min: 1, max: 500 }) });

    fc.assert(
      fc.property(fc.array(lesson, { maxLength: 50 }), fc.integer({ min: 1, max: 2000 }), (lessons, run) => {
        const model = new SilenceModel();

        for (const { answers, run: taught } of lessons) {
          for (let answer = 0; answer < answers; answer++) {
            model.answered();
          }

          model.ended(taught, weightOf(model, taught));
        }

        expect(model.weigh(run)).toBeGreaterThan(0);
        expect(model.weigh(run)).toBeLessThan(20);
        expect(model.missRate).toBeGreaterThan(0);
        expect(model.missRate).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });

  it('assumes shorter bursts where hardly an outage is to be survived, and learns longer ones all the same', () => {
    const patient = new SilenceModel();
    const hasty = new SilenceModel(400);

    expect(weightOf(hasty, 12)).toBeGreaterThan(weightOf(patient, 12) + 3);

    for (let silence = 0; silence < 200; silence++) {
      patient.ended(8, 0);
      hasty.ended(8, 0);
    }

    expect(weightOf(hasty, 12)).toBeCloseTo(weightOf(patient, 12), 0);
  });
});
