import { describe, expect, it } from 'vitest';
import { ArrivalLog } from '../../packages/protocol/src/ArrivalLog.ts';
import { FrameBudget } from '../../packages/protocol/src/FrameBudget.ts';
import { PINGS_REMEMBERED, PingLedger } from '../../packages/protocol/src/PingLedger.ts';
import { RttEstimator } from '../../packages/protocol/src/RttEstimator.ts';

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
});

describe('PingLedger', () => {
  it('tells answers from duplicates, forgeries and answers to forgotten pings', () => {
    const ledger = new PingLedger(1000);
    const seq = ledger.sent(0xabcd, 1000);

    expect(ledger.answered(seq, 0xabce, 0)).toEqual({ kind: 'forged' });
    expect(ledger.answered(seq + 1, 0, 0)).toEqual({ kind: 'forged' });
    expect(ledger.answered(seq, 0xabcd, 0)).toEqual({ kind: 'answered', seq, sentAt: 1000 });
    expect(ledger.answered(seq, 0xabcd, 0)).toEqual({ kind: 'duplicate' });

    for (let i = 0; i < PINGS_REMEMBERED; i++) {
      ledger.sent(1, 2000);
    }

    expect(ledger.answered(seq, 0xabcd, 0)).toEqual({ kind: 'expired' });
  });

  it('[HB-LOSS-2] tells late from lost', () => {
    const ledger = new PingLedger(1000);

    ledger.sent(1, 0);
    ledger.sent(2, 1000);
    ledger.giveUp(500);
    expect(ledger).toMatchObject({ lost: 1, late: 0, oldestPendingAt: 1000 });
    // Nobody knows yet whether it is the first of an outage.
    expect(ledger.loss(4000)).toMatchObject({ round: undefined, window: 0 });
    ledger.answered(1, 2, 0);
    ledger.giveUp(1000);
    expect(ledger.loss(4000)).toMatchObject({ round: 0.5, window: 2 });

    expect(ledger.answered(0, 1, 0)).toEqual({ kind: 'late', seq: 0, sentAt: 0 });
    expect(ledger).toMatchObject({ lost: 0, late: 1, received: 2 });
    expect(ledger.loss(4000)).toMatchObject({ round: 0, window: 2 });
  });

  it('[HB-LOSS-1] [HB-LOSS-3] tells downlink from uplink loss by the seen bits', () => {
    const ledger = new PingLedger(1000);

    for (let seq = 0; seq < 4; seq++) {
      ledger.sent(seq, seq * 1000);
    }

    ledger.answered(0, 0, 0);
    // Ping 1 never arrived; ping 2 did, so its pong was lost.
    ledger.answered(3, 3, 0b101);
    ledger.giveUp(3000);

    expect(ledger.loss(6000)).toEqual({
      downlink: 1 / 4,
      uplink: 1 / 3,
      round: 2 / 4,
      window: 4,
    });
  });

  it('[HB-LOSS-1] counts one ping an interval, so that the quick ones of a doubt do not weigh more than their time', () => {
    const ledger = new PingLedger(1000);
    const sentAt = [0, 1000, 1100, 1200, 2000];

    for (const [seq, at] of sentAt.entries()) {
      ledger.sent(seq, at);
    }

    for (const seq of [0, 3, 4]) {
      ledger.answered(seq, seq, 0);
    }

    ledger.giveUp(2000);
    expect(ledger.loss(5000)).toMatchObject({ round: 1 / 3, window: 3 });
  });

  it('[HB-LOSS-1] counts a ping 3 s after it left, answered or not, as answers are known sooner than losses', () => {
    const ledger = new PingLedger(20);

    for (let seq = 0; seq < 100; seq++) {
      ledger.sent(seq, seq * 20);

      if (seq % 4 === 0) {
        ledger.answered(seq, seq, 0);
      }
    }

    ledger.giveUp(-1);
    expect(ledger.loss(2000)).toMatchObject({ round: undefined, window: 0 });
    ledger.giveUp(95 * 20);
    expect(ledger.loss(5000)).toMatchObject({ round: 3 / 4, window: 96 });
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
      const ledger = new PingLedger(1000);
      let at = 0;
      const send = (answered: boolean, later: number) => {
        at += later;

        const seq = ledger.sent(1, at);

        if (answered) {
          ledger.answered(seq, 1, 0);
        }

        ledger.giveUp(at - 3000);
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

      expect(ledger.outages(at).count, `${pings} pings, ${apart} ms apart`).toBe(outages);
    }
  });

  it('corrects itself where a ping that seemed lost arrived after the next', () => {
    const ledger = new PingLedger(1000);

    for (let seq = 0; seq < 3; seq++) {
      ledger.sent(seq, seq * 1000);
    }

    ledger.answered(1, 1, 0b0);
    ledger.answered(2, 2, 0b11);
    ledger.giveUp(2000);
    expect(ledger.loss(5000)).toMatchObject({ downlink: 0, uplink: 1 / 3 });
  });

  it('[HB-LOSS-3] attributes a loss to no direction where no later pong tells of it', () => {
    const ledger = new PingLedger(1);

    for (let seq = 0; seq <= 40; seq++) {
      ledger.sent(seq, seq);
    }

    ledger.answered(0, 0, 0);
    // Its bits reach back to the 8th. So quick a run is no outage.
    ledger.answered(40, 40, 0);
    ledger.giveUp(100);
    expect(ledger.loss(3000)).toEqual({ downlink: 32 / 34, uplink: 0, round: 39 / 41, window: 41 });
    expect(ledger.oldestPendingAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts a ping as lost that falls out of the window unanswered', () => {
    const ledger = new PingLedger(1000);

    for (let seq = 0; seq < PINGS_REMEMBERED + 5; seq++) {
      ledger.sent(seq, seq);
    }

    expect(ledger).toMatchObject({ lost: 5, oldestPendingAt: 5, next: PINGS_REMEMBERED + 5 });
  });
});

/** What a ping says that acknowledges no pong. */
const NOTHING = { pongs: 0, ack: 0 };

describe('ArrivalLog', () => {
  it('knows nothing before the first ping', () => {
    expect(new ArrivalLog(1000).loss(0)).toEqual({
      downlink: undefined,
      uplink: undefined,
      round: undefined,
      window: 0,
    });
  });

  it('[HB-PONG-3] has a bit for each of the 32 pings before one', () => {
    const log = new ArrivalLog(1000);

    for (const seq of [0, 1, 3, 4]) {
      log.arrived(seq, NOTHING, 0);
    }

    expect(log.seenBefore(4)).toBe(0b1101);
    expect(log.seenBefore(0)).toBe(0);

    for (let seq = 5; seq < 60; seq++) {
      log.arrived(seq, NOTHING, 0);
    }

    expect(log.seenBefore(59)).toBe(0xffff_ffff);
  });

  it('tells the next ping from a reordered one and from a duplicate', () => {
    const log = new ArrivalLog(1000);

    expect(log.arrived(5, NOTHING, 0)).toBe('next');
    expect(log.arrived(7, NOTHING, 0)).toBe('next');
    expect(log.arrived(6, NOTHING, 0)).toBe('reordered');
    expect(log.arrived(6, NOTHING, 0)).toBe('duplicate');
    expect(log.arrived(4, NOTHING, 0)).toBe('reordered');
    expect(log).toMatchObject({ received: 4, late: 2, lost: 0, highest: 7 });
  });

  it('[HB-LOSS-4] has both directions of loss, also across a wrap of the count of pongs', () => {
    const log = new ArrivalLog(1000);
    let pongsAtServer = 0;
    let latest = -1;

    for (let seq = 0; seq < 1000; seq++) {
      // Every 5th ping and every 4th pong is lost.
      if (seq % 5 === 4) {
        continue;
      }

      log.arrived(seq, { pongs: pongsAtServer % 128, ack: latest < 0 ? 0 : seq - latest }, seq * 1000);
      log.answered(seq, seq * 1000);

      if (log.sent % 4 !== 0) {
        pongsAtServer++;
        latest = seq;
      }
    }

    const { downlink, uplink, window } = log.loss(999_000);

    // Of the last two minutes.
    expect(window).toBeGreaterThan(105);
    expect(window).toBeLessThanOrEqual(120);
    expect(downlink).toBeCloseTo(0.2, 1);
    expect(uplink).toBeCloseTo(0.25, 1);
    expect(log.lost).toBe(199);
  });
});

describe('FrameBudget', () => {
  it('[HB-SEC-3] bears 40 frames a second for ever, and 200 at once', () => {
    const budget = new FrameBudget(0);

    for (let frame = 0; frame < 10_000; frame++) {
      expect(budget.charge(20, frame * 25)).toBe(true);
    }

    for (let frame = 0; frame < 200; frame++) {
      expect(budget.charge(20, 1e6)).toBe(true);
    }

    expect(budget.charge(20, 1e6)).toBe(false);
  });

  it('[HB-SEC-3] does not bear one message of 256 kB, nor 20 malformed ones', () => {
    expect(new FrameBudget(0).charge(256 * 1024, 0)).toBe(false);

    const budget = new FrameBudget(0);
    let borne = 0;

    while (budget.charge(1, 0) && budget.chargeExtra()) {
      borne++;
    }

    expect(borne).toBe(18);
  });

  it('[HB-SEC-4] accepts besides what an honest peer was asked for, and what it sends of its own accord', () => {
    const budget = new FrameBudget(0, 4);
    let accepted = 0;

    for (let ping = 0; ping < 1000; ping++) {
      budget.expectFrame();
    }

    while (budget.charge(20, 100_000)) {
      accepted++;
    }

    expect(accepted).toBe(1000 + 400 + 200);
  });

  it('[HB-SEC-4] accepts no more than usual once everything has been read that may have waited', () => {
    const budget = new FrameBudget(0, 4);
    let accepted = 0;

    for (let ping = 0; ping < 1000; ping++) {
      budget.expectFrame();
    }

    expect(budget.charge(20, 100_000)).toBe(true);
    budget.caughtUp(500, 3);

    while (budget.charge(20, 100_000)) {
      accepted++;
    }

    expect(accepted).toBe(3 + 2 + 200);
  });

  it('[HB-SEC-4] accepts neither long messages nor malformed ones for those that may have waited', () => {
    const budget = new FrameBudget(0, 4);
    let malformed = 0;

    expect(budget.charge(1, 3_600_000)).toBe(true);

    while (budget.charge(1, 3_600_000) && budget.chargeExtra()) {
      malformed++;
    }

    expect(malformed).toBe(20);

    const other = new FrameBudget(0, 4);

    expect(other.charge(256 * 1024, 3_600_000)).toBe(false);
  });

  it('[HB-SEC-4] lets a peer leave that has waited for it', () => {
    const budget = new FrameBudget(0, 4);
    let changes = 0;

    while (budget.charge(1, 3_600_000) && budget.chargeChange()) {
      changes++;
    }

    // Of 14,400 frames that may have waited each change takes eleven, but the first 20 only one.
    expect(changes).toBe(20 + Math.floor((14_400 - 20) / 11));
  });

  it('gives nothing for a clock that goes backwards', () => {
    const budget = new FrameBudget(1000);

    expect(budget.charge(64 * 198, 0)).toBe(true);
    expect(budget.charge(0, -1e9)).toBe(true);
    expect(budget.charge(0, -1e9)).toBe(false);
  });
});
