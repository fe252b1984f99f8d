import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace, PingSchedule, probeStep } from '../../../packages/protocol/src/endpoint/PingSchedule.ts';

/** Sends every ping that is due until `end`, as long as the peer is in doubt or not. */
function pings(schedule: PingSchedule, end: number, next: () => number): number[] {
  const times: number[] = [];

  for (let at = next(); at <= end; at = next()) {
    times.push(at);
    schedule.sent(at);
  }

  return times;
}

describe('PingSchedule', () => {
  it('pings at once, then in its phase, then once an interval', () => {
    const schedule = new PingSchedule(1000);

    schedule.start(5000, 300);

    expect(pings(schedule, 8500, () => schedule.regularAt)).toEqual([5000, 5300, 6300, 7300, 8300]);
  });

  it('does not ping twice where the phase is nearly none', () => {
    const schedule = new PingSchedule(1000);

    schedule.start(0, 20);

    expect(pings(schedule, 2500, () => schedule.regularAt)).toEqual([0, 1020, 2020]);
  });

  it('keeps its phase where a ping leaves late, and makes up for none', () => {
    const schedule = new PingSchedule(1000);

    schedule.start(0, 500);
    schedule.sent(0);
    schedule.sent(3720);

    expect(schedule.regularAt).toBe(4500);
  });

  it('probes ten times an interval, in step with the regular pings', () => {
    const schedule = new PingSchedule(1000);

    schedule.start(0, 1000);

    schedule.sent(0);
    expect(pings(schedule, 1050, () => schedule.probeAt(20, Pace.Doubt))).toEqual([
      100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
    ]);
  });

  it('has four probes on their way where the round trip is long, and is never slower than twice an interval', () => {
    const schedule = new PingSchedule(1000);

    schedule.start(0, 1000);
    schedule.sent(0);

    expect(schedule.probeAt(600, Pace.Doubt)).toBe(150);
    expect(schedule.probeAt(600, Pace.Dead)).toBe(375);
    expect(schedule.probeAt(60_000, Pace.Doubt)).toBe(500);
  });

  it('falls back to regular pings where probes would be rarer', () => {
    const schedule = new PingSchedule(1000);

    schedule.start(0, 200);
    schedule.sent(0);

    expect(schedule.probeAt(20, Pace.Dead)).toBe(200);
  });

  it.each([
    [100, 50],
    [1000, 100],
    [3000, 300],
    [15_000, 300],
  ])('makes sure of a peer that is pinged every %i ms in steps of %i ms', (interval, step) => {
    const schedule = new PingSchedule(interval);

    schedule.start(0, interval);
    schedule.sent(0);

    expect(probeStep(interval)).toBe(step);
    expect(schedule.probeAt(20, Pace.Doubt)).toBe(step);
  });

  it('has no two pings closer than half a step, whatever the phase and the doubts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 15_000 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }),
        (interval, phase, doubts) => {
          const schedule = new PingSchedule(interval);
          let turn = 0;

          schedule.start(0, phase * interval);

          const times = pings(schedule, 20 * interval, () =>
            doubts[turn++ % doubts.length]
              ? Math.max(0, schedule.probeAt(20, Pace.LastVolley))
              : schedule.regularAt,
          );

          for (const [index, time] of times.entries()) {
            const before = times[index - 1] ?? Number.NEGATIVE_INFINITY;

            expect(time - before).toBeGreaterThan(probeStep(interval) / 2 - 0.01);
            expect(time - before).not.toBeLessThan(0);
          }

          // At least one an interval, give or take the first.
          expect(times.length).toBeGreaterThanOrEqual(20);
        },
      ),
    );
  });
});
