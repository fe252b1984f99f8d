import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../packages/protocol/src/endpoint/Arrivals.ts';
import { PingsInFlight } from '../../packages/protocol/src/endpoint/PingsInFlight.ts';
import { StallAdjustedClock } from '../../packages/protocol/src/endpoint/StallAdjustedClock.ts';
import { TokenBucket } from '../../packages/protocol/src/endpoint/TokenBucket.ts';
import { PINGS_REMEMBERED } from '../../packages/protocol/src/endpoint/UnsettledPings.ts';
import { RttEstimator } from '../../packages/protocol/src/figures/RttEstimator.ts';

/** An estimator that has taken these samples. */
function taught(...rtts: number[]): RttEstimator {
  const rtt = new RttEstimator();

  for (const sample of rtts) {
    rtt.add(sample);
  }

  return rtt;
}

describe('RttEstimator', () => {
  it('knows nothing before the first sample', () => {
    expect(new RttEstimator().stats()).toEqual({
      last: undefined,
      smoothed: undefined,
      variation: undefined,
      min: undefined,
      p50: undefined,
      p95: undefined,
    });
  });

  it('[HB-RTT-1] smooths as RFC 6298 §2 says', () => {
    const rtt = new RttEstimator();

    rtt.add(100);
    expect(rtt.stats()).toMatchObject({ smoothed: 100, variation: 50 });
    rtt.add(200);
    expect(rtt.stats()).toMatchObject({ last: 200, smoothed: 112.5, variation: 62.5 });
  });

  it('has the order statistics of the latest 128 samples', () => {
    const rtt = new RttEstimator();

    for (let sample = 1; sample <= 228; sample++) {
      rtt.add(sample);
    }

    expect(rtt.stats()).toMatchObject({ min: 101, p50: 164, p95: 222 });
  });

  it('has them to the microsecond, and no longer than 71 minutes', () => {
    const rtt = new RttEstimator();

    rtt.add(12.345_678);
    expect(rtt.stats()).toMatchObject({ last: 12.345_678, min: 12.346, p50: 12.346, p95: 12.346 });
    rtt.add(1e12);
    expect(rtt.stats()).toMatchObject({ last: 1e12, min: 12.346, p95: 4_294_967.295 });
  });

  it('waits as long as RFC 6298 says before the first answer', () => {
    expect(taught()).toMatchObject({ responseTimeout: 1000, smoothed: undefined, isQueueing: false });
  });

  it('waits for the smoothed round trip and four variations, as RFC 6298 §2 says', () => {
    expect(taught(200)).toMatchObject({ responseTimeout: 200 + 4 * 100, smoothed: 200 });
    expect(taught(200, 280)).toMatchObject({ responseTimeout: 210 + 4 * 95, smoothed: 210 });
  });

  it('waits 70 ms longer than usual on the quietest link', () => {
    expect(taught(...Array(200).fill(20)).responseTimeout).toBeCloseTo(20 + 70, 3);
  });

  it('waits longer within a few pings where a queue grows', () => {
    const estimator = taught(...Array(200).fill(20));

    for (let rtt = 40, pings = 0; rtt < 1000; rtt *= 1.5, pings++) {
      expect(pings).toBeLessThan(10);
      estimator.add(rtt);
    }

    expect(estimator.responseTimeout).toBeGreaterThan(1000);
  });

  it('is hardly moved by a page that thaws: one sample counts for 1.5 timeouts at most', () => {
    const estimator = taught(...Array(200).fill(20), 60_000);

    expect(estimator.responseTimeout).toBeLessThan(300);
  });

  it('waits as usual within 30 answers after a bloated queue', () => {
    const estimator = taught(...Array(50).fill(2000), ...Array(30).fill(20));

    expect(estimator.responseTimeout).toBeLessThan(350);
  });

  it('learns nothing of what is no time', () => {
    const { responseTimeout, smoothed } = taught(
      20,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    );

    expect({ responseTimeout, smoothed }).toEqual({
      responseTimeout: taught(20).responseTimeout,
      smoothed: 20,
    });
  });

  it('waits for more than the round trip and its margin and for at most 3 s, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1000, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 }),
        rtts => {
          const { responseTimeout, smoothed } = taught(...rtts);

          expect(responseTimeout).toBeGreaterThanOrEqual(Math.min(3000, (smoothed ?? 0) + 70));
          expect(responseTimeout).toBeLessThanOrEqual(3000);
        },
      ),
    );
  });
});

describe('PingsInFlight', () => {
  it('tells answers from duplicates, forgeries and answers to forgotten pings', () => {
    const pings = new PingsInFlight(1000, new StallAdjustedClock());
    const seq = pings.sent(0xabcd, 1000);

    expect(pings.answered(seq, 0xabce, 0)).toBe('forged');
    expect(pings.answered(seq + 1, 0, 0)).toBe('forged');
    expect(pings.answered(seq, 0xabcd, 0)).toBe('answered');
    expect([pings.sentAt(seq), pings.sentReading(seq), pings.isTouched(seq)]).toEqual([1000, 1000, false]);
    expect(pings.answered(seq, 0xabcd, 0)).toBe('duplicate');
    expect(pings.answered(seq, 0xabce, 0)).toBe('duplicate');

    for (let i = 0; i < PINGS_REMEMBERED; i++) {
      pings.sent(1, 2000);
    }

    expect(pings.answered(seq, 0xabcd, 0)).toBe('expired');
  });

  it('[HB-LOSS-2] tells late from lost', () => {
    const pings = new PingsInFlight(1000, new StallAdjustedClock());

    pings.sent(1, 0);
    pings.sent(2, 1000);
    pings.giveUp(500);
    expect(pings).toMatchObject({ lost: 1, late: 0, oldestPendingAt: 1000 });
    // Nobody knows yet whether it is the first of an outage.
    expect(pings.loss(4000)).toMatchObject({ round: undefined, window: 0 });
    pings.answered(1, 2, 0);
    pings.giveUp(1000);
    expect(pings.loss(4000)).toMatchObject({ round: 0.5, window: 2 });

    expect(pings.answered(0, 1, 0)).toBe('late');
    expect(pings).toMatchObject({ lost: 0, late: 1, received: 2 });
    expect(pings.loss(4000)).toMatchObject({ round: 0, window: 2 });
  });

  it('[HB-LOSS-1] [HB-LOSS-3] tells downlink from uplink loss by the seen bits', () => {
    const pings = new PingsInFlight(1000, new StallAdjustedClock());

    for (let seq = 0; seq < 4; seq++) {
      pings.sent(seq, seq * 1000);
    }

    pings.answered(0, 0, 0);
    // Ping 1 never arrived; ping 2 did, so its pong was lost.
    pings.answered(3, 3, 0b101);
    pings.giveUp(3000);

    expect(pings.loss(6000)).toEqual({
      downlink: 1 / 4,
      uplink: 1 / 3,
      round: 2 / 4,
      window: 4,
    });
  });

  it('[HB-LOSS-1] counts one ping an interval, so that the quick ones of a doubt do not weigh more than their time', () => {
    const pings = new PingsInFlight(1000, new StallAdjustedClock());
    const sentAt = [0, 1000, 1100, 1200, 2000];

    for (const [seq, at] of sentAt.entries()) {
      pings.sent(seq, at);
    }

    for (const seq of [0, 3, 4]) {
      pings.answered(seq, seq, 0);
    }

    pings.giveUp(2000);
    expect(pings.loss(5000)).toMatchObject({ round: 1 / 3, window: 3 });
  });

  it('[HB-LOSS-1] counts a ping 3 s after it left, answered or not, as answers are known sooner than losses', () => {
    const pings = new PingsInFlight(20, new StallAdjustedClock());

    for (let seq = 0; seq < 100; seq++) {
      pings.sent(seq, seq * 20);

      if (seq % 4 === 0) {
        pings.answered(seq, seq, 0);
      }
    }

    pings.giveUp(-1);
    expect(pings.loss(2000)).toMatchObject({ round: undefined, window: 0 });
    pings.giveUp(95 * 20);
    expect(pings.loss(5000)).toMatchObject({ round: 3 / 4, window: 96 });
  });

  it('[HB-LOSS-5] tells an outage from loss by how long it lasts, how many pings it takes, and the loss of the link', () => {
    const worlds: [pings: number, apart: number, lossBefore: number, outages: number][] = [
      [8, 200, 0, 1],
      [7, 200, 0, 0],
      [8, 100, 0, 0],
      [20, 100, 0.5, 1],
      [10, 200, 0.5, 0],
    ];

    for (const [pings, apart, lossBefore, outages] of worlds) {
      const flight = new PingsInFlight(1000, new StallAdjustedClock());
      let at = 0;
      const send = (answered: boolean, later: number) => {
        at += later;

        const seq = flight.sent(1, at);

        if (answered) {
          flight.answered(seq, 1, 0);
        }

        flight.giveUp(at - 3000);
      };

      for (let before = 0; before < 60; before++) {
        send(lossBefore === 0 || before % 2 === 0, 1000);
      }

      for (let missing = 0; missing < pings; missing++) {
        send(false, apart);
      }

      for (let after = 0; after < 5; after++) {
        send(true, after === 0 ? apart : 1000);
      }

      expect(flight.outages(at).count, `${pings} pings, ${apart} ms apart`).toBe(outages);
    }
  });

  it('corrects itself where a ping that seemed lost arrived after the next', () => {
    const pings = new PingsInFlight(1000, new StallAdjustedClock());

    for (let seq = 0; seq < 3; seq++) {
      pings.sent(seq, seq * 1000);
    }

    pings.answered(1, 1, 0b0);
    pings.answered(2, 2, 0b11);
    pings.giveUp(2000);
    expect(pings.loss(5000)).toMatchObject({ downlink: 0, uplink: 1 / 3 });
  });

  it('[HB-LOSS-3] attributes a loss to no direction where no later pong tells of it', () => {
    const pings = new PingsInFlight(1, new StallAdjustedClock());

    for (let seq = 0; seq <= 40; seq++) {
      pings.sent(seq, seq);
    }

    pings.answered(0, 0, 0);
    // Its bits reach back to the 8th. So quick a run is no outage.
    pings.answered(40, 40, 0);
    pings.giveUp(100);
    expect(pings.loss(3000)).toEqual({ downlink: 32 / 34, uplink: 0, round: 39 / 41, window: 41 });
    expect(pings.oldestPendingAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts a ping as lost that falls out of the window unanswered', () => {
    const pings = new PingsInFlight(1000, new StallAdjustedClock());

    for (let seq = 0; seq < PINGS_REMEMBERED + 5; seq++) {
      pings.sent(seq, seq);
    }

    expect(pings).toMatchObject({ lost: 5, oldestPendingAt: 5, next: PINGS_REMEMBERED + 5 });
  });
});

/** What a ping says that acknowledges no pong. */
const NOTHING = { pongs: 0, ack: 0 };

describe('Arrivals', () => {
  it('knows nothing before the first ping', () => {
    expect(new Arrivals(1000, new StallAdjustedClock()).loss(0)).toEqual({
      downlink: undefined,
      uplink: undefined,
      round: undefined,
      window: 0,
    });
  });

  it('[HB-PONG-3] has a bit for each of the 32 pings before one', () => {
    const arrivals = new Arrivals(1000, new StallAdjustedClock());

    for (const seq of [0, 1, 3, 4]) {
      arrivals.arrived(seq, NOTHING, 0);
    }

    expect(arrivals.seenBefore(4)).toBe(0b1101);
    expect(arrivals.seenBefore(0)).toBe(0);

    for (let seq = 5; seq < 60; seq++) {
      arrivals.arrived(seq, NOTHING, 0);
    }

    expect(arrivals.seenBefore(59)).toBe(0xffff_ffff);
  });

  it('tells the next ping from a reordered one and from a duplicate', () => {
    const arrivals = new Arrivals(1000, new StallAdjustedClock());

    expect(arrivals.arrived(5, NOTHING, 0)).toBe('next');
    expect(arrivals.arrived(7, NOTHING, 0)).toBe('next');
    expect(arrivals.arrived(6, NOTHING, 0)).toBe('reordered');
    expect(arrivals.arrived(6, NOTHING, 0)).toBe('duplicate');
    expect(arrivals.arrived(4, NOTHING, 0)).toBe('reordered');
    expect(arrivals).toMatchObject({ received: 4, late: 2, lost: 0, highest: 7 });
  });

  it('[HB-LOSS-4] has both directions of loss, also across a wrap of the count of pongs', () => {
    const arrivals = new Arrivals(1000, new StallAdjustedClock());
    let pongsAtServer = 0;
    let latest = -1;

    for (let seq = 0; seq < 1000; seq++) {
      // Every 5th ping and every 4th pong is lost.
      if (seq % 5 === 4) {
        continue;
      }

      arrivals.arrived(seq, { pongs: pongsAtServer % 128, ack: latest < 0 ? 0 : seq - latest }, seq * 1000);
      arrivals.answered(seq, seq * 1000);

      if (arrivals.answers % 4 !== 0) {
        pongsAtServer++;
        latest = seq;
      }
    }

    const { downlink, uplink, window } = arrivals.loss(999_000);

    // Of the last two minutes.
    expect(window).toBeGreaterThan(105);
    expect(window).toBeLessThanOrEqual(120);
    expect(downlink).toBeCloseTo(0.2, 1);
    expect(uplink).toBeCloseTo(0.25, 1);
    expect(arrivals.lost).toBe(199);
  });
});

describe('TokenBucket', () => {
  it('[HB-SEC-3] bears 40 frames a second for ever, and 200 at once', () => {
    const bucket = new TokenBucket(0, 0);

    for (let frame = 0; frame < 10_000; frame++) {
      expect(bucket.charge(20, frame * 25)).toBe(true);
    }

    for (let frame = 0; frame < 200; frame++) {
      expect(bucket.charge(20, 1e6)).toBe(true);
    }

    expect(bucket.charge(20, 1e6)).toBe(false);
  });

  it('[HB-SEC-3] does not bear one message of 256 kB, nor 20 malformed ones', () => {
    expect(new TokenBucket(0, 0).charge(256 * 1024, 0)).toBe(false);

    const bucket = new TokenBucket(0, 0);
    let borne = 0;

    while (bucket.charge(1, 0) && bucket.chargeExtra()) {
      borne++;
    }

    expect(borne).toBe(18);
  });

  it('[HB-SEC-4] accepts besides what an honest peer was asked for, and what it sends of its own accord', () => {
    const bucket = new TokenBucket(0, 4);
    let accepted = 0;

    for (let ping = 0; ping < 1000; ping++) {
      bucket.expectFrame();
    }

    while (bucket.charge(20, 100_000)) {
      accepted++;
    }

    expect(accepted).toBe(1000 + 400 + 200);
  });

  it('[HB-SEC-4] accepts no more than usual once everything has been read that may have waited', () => {
    const bucket = new TokenBucket(0, 4);
    let accepted = 0;

    for (let ping = 0; ping < 1000; ping++) {
      bucket.expectFrame();
    }

    expect(bucket.charge(20, 100_000)).toBe(true);
    bucket.caughtUp(500, 3);

    while (bucket.charge(20, 100_000)) {
      accepted++;
    }

    expect(accepted).toBe(3 + 2 + 200);
  });

  it('[HB-SEC-4] accepts neither long messages nor malformed ones for those that may have waited', () => {
    const bucket = new TokenBucket(0, 4);
    let malformed = 0;

    expect(bucket.charge(1, 3_600_000)).toBe(true);

    while (bucket.charge(1, 3_600_000) && bucket.chargeExtra()) {
      malformed++;
    }

    expect(malformed).toBe(20);

    const other = new TokenBucket(0, 4);

    expect(other.charge(256 * 1024, 3_600_000)).toBe(false);
  });

  it('[HB-SEC-4] lets a peer leave that has waited for it', () => {
    const bucket = new TokenBucket(0, 4);
    let changes = 0;

    while (bucket.charge(1, 3_600_000) && bucket.chargeChange()) {
      changes++;
    }

    // Of 14,400 frames that may have waited each change takes eleven, but the first 20 only one.
    expect(changes).toBe(20 + Math.floor((14_400 - 20) / 11));
  });

  it('gives nothing for a clock that goes backwards', () => {
    const bucket = new TokenBucket(1000, 0);

    expect(bucket.charge(64 * 198, 0)).toBe(true);
    expect(bucket.charge(0, -1e9)).toBe(true);
    expect(bucket.charge(0, -1e9)).toBe(false);
  });
});
