import { describe, expect, it } from 'vitest';
import { LadderRun } from './LadderRun.ts';

/** A path that is lost at 0. The heartbeat doubts the server after `after` ms. */
function lost(run: LadderRun, after: number): LadderRun {
  run.ladder.heard(0);
  run.at(after - 300, () => run.ladder.uneasy(run.rtt, run.now));
  run.at(after, () => run.ladder.doubted('silence', run.rtt, run.now));

  return run;
}

describe('the ladder', () => {
  it('restarts as soon as the server is in doubt and nothing comes, and then on the rungs', () => {
    const run = lost(new LadderRun(), 1400);

    run.runTo(30_000);
    expect(run.restarts).toEqual([1400, 2100, 3700, 13_705, 23_710]);
  });

  it('stays out of the time in which a restart makes it worse', () => {
    for (let after = 400; after < 6000; after += 25) {
      const run = lost(new LadderRun(), after);

      run.runTo(60_000);

      for (const at of run.restarts) {
        expect(at < 2250 || at > 3500, `doubt at ${after}, restarts at ${run.restarts}`).toBe(true);
      }

      expect(run.restarts.length).toBeGreaterThan(5);
    }
  });

  it('never waits for 15 s between two restarts while the path is lost', () => {
    const run = lost(new LadderRun(), 1000);

    run.runTo(115_000);

    for (const [index, at] of run.restarts.entries()) {
      expect(at - (run.restarts[index - 1] ?? 0)).toBeLessThan(15_000);
    }
  });

  it('restarts nothing while anything comes on the path, however long the server is in doubt', () => {
    const run = lost(new LadderRun(), 1400);

    run.hears = () => true;
    run.runTo(600_000);
    expect(run.happened).toEqual([]);
  });

  it('begins to restart when the path of a doubted server is lost, too', () => {
    const run = lost(new LadderRun(), 1400);

    run.hears = now => now < 20_000;
    run.runTo(22_000);
    expect(run.restarts[0]).toBeGreaterThan(20_000);
    expect(run.restarts[0]).toBeLessThan(21_200);
  });

  it('takes a ping that comes before the check is over for life', () => {
    const run = new LadderRun();

    run.ladder.uneasy(50, 0);
    run.at(200, () => run.ladder.pinged(run.now));
    run.at(5000, () => run.ladder.doubted('silence', 50, run.now));
    run.at(5100, () => run.ladder.pinged(run.now));
    run.runTo(60_000);
    expect(run.happened).toEqual([]);
    expect(run.ladder.isIdle).toBe(true);
  });

  it('has recovered with the first ping after a restart, and not by what the counters say', () => {
    const run = lost(new LadderRun(), 1400);

    run.hears = now => now > 1600;
    run.at(9000, () => run.ladder.pinged(run.now));
    run.runTo(60_000);
    // The path is back, while SCTP's back-off holds the pings up: nothing is restarted again.
    expect(run.happened).toEqual([
      [1400, 'restart 1: silence'],
      [9000, 'recovered after 1'],
    ]);
    expect(run.ladder.isIdle).toBe(true);
  });

  it('does not take a ping for proof that comes while ICE is being restarted', () => {
    const run = lost(new LadderRun(), 1400);

    run.at(1402, () => run.ladder.pinged(run.now));
    run.runTo(1500);
    expect(run.ladder.isAway).toBe(true);
    run.ladder.pinged(1500);
    run.runTo(1500);
    expect(run.happened.at(-1)).toEqual([1500, 'recovered after 1']);
  });

  it('restarts again where the path comes back and is lost once more', () => {
    const run = lost(new LadderRun(), 1400);

    run.hears = now => now > 1600 && now < 4000;
    run.runTo(9000);
    expect(run.restarts).toHaveLength(2);
    expect(run.restarts[1]).toBeGreaterThan(6000);
    expect(run.restarts[1]).toBeLessThan(7100);
  });

  it('gives up after the time that the application has set, and goes on at the next hint', () => {
    const run = lost(new LadderRun({ giveUpAfter: 30_000 }), 1400);

    run.runTo(40_000);
    expect(run.happened.at(-1)).toEqual([31_400, 'failed: gave-up']);
    expect(run.ladder.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    run.ladder.hinted('online', true, 50, 40_000);
    run.runTo(40_100);
    expect(run.happened.at(-1)).toEqual([40_000, 'restart 1: online']);
  });

  it('has also recovered where a ping comes after it has given up', () => {
    const run = lost(new LadderRun({ giveUpAfter: 30_000 }), 1400);

    run.at(50_000, () => run.ladder.pinged(run.now));
    run.runTo(60_000);
    expect(run.happened.at(-1)).toEqual([50_000, 'recovered after 5']);
  });
});

describe('a ladder that must not stop, and one that must', () => {
  it('restarts when the doubt is repeated after pings that did not end it', () => {
    const run = lost(new LadderRun(), 1400);

    run.at(1390, () => run.ladder.pinged(run.now));
    run.at(1395, () => run.ladder.pinged(run.now));
    run.at(1450, () => run.ladder.pinged(run.now));
    // The heartbeat stays suspect, and doubts again with its next path probe.
    run.at(2000, () => run.ladder.doubted('silence', run.rtt, run.now));
    run.runTo(5000);
    expect(run.restarts.length).toBeGreaterThan(0);
  });

  it('stops reading the counters where a check finds nothing and no doubt follows', () => {
    const run = new LadderRun();

    run.ladder.uneasy(50, 0);
    run.runTo(10_000);
    expect(run.happened).toEqual([]);
    expect(run.ladder.isIdle).toBe(true);
    expect(run.ladder.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  it('stops when it is told that the path is not at fault, and begins again at the next doubt', () => {
    const run = lost(new LadderRun({ canAsk: true }), 1400);

    run.at(2000, () => run.ladder.stop());
    run.runTo(60_000);
    expect(run.happened).toEqual([[1400, 'restart 1: silence']]);
    expect(run.ladder.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    run.ladder.doubted('silence', 50, 60_000);
    run.runTo(61_000);
    expect(run.restarts.length).toBeGreaterThan(1);
  });

  it('does not give up because the machine slept: it restarts when the timer comes', () => {
    const run = lost(new LadderRun({ giveUpAfter: 30_000 }), 1400);

    run.stall = [5000, 3_600_000];
    run.runTo(3_700_000);
    expect(run.happened.filter(([at]) => at > 5000)[0]).toEqual([3_600_000, 'restart 4: silence']);
    // And it gives up after the same time awake.
    expect(run.happened.at(-1)?.[1]).toBe('failed: gave-up');
    expect(run.happened.at(-1)?.[0]).toBeGreaterThan(3_620_000);
  });

  it('does not give up at a hint that comes after a sleep and before its timer', () => {
    const run = lost(new LadderRun({ giveUpAfter: 30_000 }), 1400);

    run.stall = [5000, 3_600_000];
    run.at(3_599_000, () => run.ladder.hinted('network-changed', false, run.rtt, run.now));
    run.runTo(3_599_500);
    expect(run.happened.at(-1)).toEqual([3_599_000, 'restart 4: network-changed']);
    run.stall = [0, 0];
    run.runTo(3_700_000);
    expect(run.happened.at(-1)).toEqual([3_629_000, 'failed: gave-up']);
  });
});

describe('a hint', () => {
  it('restarts at once where the path cannot be what it was', () => {
    const run = new LadderRun();

    run.ladder.heard(0);
    run.at(30, () => run.ladder.hinted('online', true, 50, run.now));
    run.runTo(1000);
    expect(run.happened).toEqual([[30, 'restart 1: online']]);
  });

  it('restarts when two checks in a row bring nothing', () => {
    const run = new LadderRun();

    run.ladder.heard(0);
    run.ladder.hinted('network-changed', false, 50, 0);
    run.runTo(1000);
    expect(run.happened).toEqual([[300, 'restart 1: network-changed']]);
  });

  it('restarts nothing on a healthy path on which one probe is lost', () => {
    const run = new LadderRun();

    run.hears = now => now > 200;
    run.ladder.hinted('network-changed', false, 50, 0);
    run.runTo(10_000);
    expect(run.happened).toEqual([]);
    expect(run.ladder.isIdle).toBe(true);
  });

  it.each([500, 1000, 3000])('restarts nothing where the answer takes %i ms', rtt => {
    const run = new LadderRun({}, rtt);

    run.ladder.heard(0);
    run.ladder.hinted('network-changed', false, rtt, 0);

    for (let at = 0; at < 10_000; at += 100) {
      run.at(at + rtt, () => run.ladder.pinged(run.now));
    }

    run.runTo(9000);
    expect(run.happened).toEqual([]);
  });

  it('restarts nothing because the page hung while the check ran', () => {
    const run = new LadderRun();

    run.stall = [100, 400];
    run.hears = now => now > 400;
    run.ladder.hinted('network-changed', false, 50, 0);
    run.ladder.doubted('silence', 50, 0);
    run.at(500, () => run.ladder.pinged(run.now));
    run.runTo(10_000);
    expect(run.happened).toEqual([]);
  });

  it('restarts where the path is lost, also if every timer comes late', () => {
    const run = lost(new LadderRun(), 1400);

    for (let at = 1500; at < 6000; at += 1000) {
      run.at(at, () => run.ladder.handleTimeout(run.now));
    }

    run.stall = [1150, 6000];
    run.runTo(6000);
    // The second check finds nothing at 2500, and libwebrtc may then be about to leave the path by itself.
    expect(run.restarts[0]).toBe(4500);
  });

  it('restarts nothing on a healthy path, however many come', () => {
    const run = new LadderRun();

    run.hears = () => true;

    for (let at = 0; at < 60_000; at += 100) {
      run.at(at, () => run.ladder.hinted('network-changed', false, 50, run.now));
    }

    run.runTo(70_000);
    expect(run.happened).toEqual([]);
    expect(run.ladder.isIdle).toBe(true);
    // And they cost no more than one at a time.
    expect(run.probes).toBeLessThan(700);
  });

  it('restarts nothing where the server answers faster than the counters of the browser show', () => {
    const run = new LadderRun({}, 1);

    for (let at = 0; at < 10_000; at += 100) {
      // Each probe is answered after 5 ms, and between the probes nothing comes.
      run.at(at + 5, () => run.ladder.pinged(run.now));
      run.at(at, () => run.ladder.hinted('network-changed', false, 1, run.now));
    }

    run.runTo(20_000);
    expect(run.happened.filter(([at]) => at < 9900)).toEqual([]);
  });

  it('of a network after there was none restarts at once, right after another hint, too', () => {
    const run = lost(new LadderRun(), 1400);

    run.at(20, () => run.ladder.hinted('connection-change', false, 50, run.now));
    run.at(857, () => run.ladder.hinted('online', true, 50, run.now));
    run.runTo(1000);
    expect(run.restarts).toEqual([320, 857]);
  });

  it('also counts where it comes up to 2 s before the loss', () => {
    const run = new LadderRun();

    run.hears = now => now < 1500;
    run.ladder.hinted('network-changed', false, 50, 0);
    run.runTo(3000);
    expect(run.restarts[0]).toBeGreaterThan(1500);
    expect(run.restarts[0]).toBeLessThan(2100);
  });

  it('brings the next restart forward while the path is lost, but not one after the other', () => {
    const run = lost(new LadderRun(), 1400);

    for (let at = 5000; at < 12_000; at += 50) {
      run.at(at, () => run.ladder.hinted('connection-change', false, 50, run.now));
    }

    run.runTo(12_500);
    expect(run.restarts).toEqual([1400, 2100, 3700, 5000, 7000, 9000, 11_000]);
  });

  it('of a new network restarts at once, also in the time in which others wait', () => {
    const run = lost(new LadderRun(), 700);

    run.at(2600, () => run.ladder.hinted('online', true, 50, run.now));
    run.runTo(3000);
    expect(run.restarts).toEqual([700, 2100, 2600]);
  });
});

describe('what the browser and the application do', () => {
  it('a connection that the browser has given up is restarted at once', () => {
    const run = lost(new LadderRun(), 1400);

    run.at(8000, () => run.ladder.iceFailed(run.now));
    run.runTo(9000);
    expect(run.happened.at(-1)).toEqual([8000, 'restart 4: ice-failed']);
  });

  it('a connection that fails right after each restart is not restarted without a pause', () => {
    const run = lost(new LadderRun(), 1400);

    for (let at = 1410; at < 11_410; at += 10) {
      run.at(at, () => run.ladder.iceFailed(run.now));
    }

    run.runTo(11_400);
    expect(run.restarts.length).toBeLessThan(12);
  });

  it('a restart that the browser refuses is tried again, ever less often', () => {
    const run = lost(new LadderRun(), 1400);

    run.restart = attempt => (attempt < 7 ? 'refused' : 'restarted');
    run.runTo(40_000);
    expect(run.restarts).toEqual([1400, 2405, 4410, 8415, 16_420, 26_425, 36_430]);
  });

  it('a restart for which there is no network waits for one', () => {
    const run = lost(new LadderRun(), 1400);

    run.restart = () => (run.now < 5000 ? 'no network' : 'restarted');
    run.runTo(8000);
    expect(run.restarts[0]).toBeGreaterThanOrEqual(5000);
    expect(run.restarts[0]).toBeLessThan(7100);
    expect(run.happened[0]?.[1]).toBe('restart 1: silence');
  });

  it('never has two restarts at a time: one that waits for the application’s operation is the only one', () => {
    const run = lost(new LadderRun({ canAsk: true }), 1400);
    let waiting = 0;

    run.restart = () => {
      waiting++;

      return 'hangs';
    };
    run.runTo(60_000);
    expect(waiting).toBe(1);
    // The application is asked nevertheless.
    expect(run.happened[0]).toEqual([6000, 'ask 1: still-silent']);
  });

  it('a restart of the application postpones those of the library', () => {
    const run = lost(new LadderRun(), 1400);

    run.at(2000, () => run.ladder.applicationRestarted(run.now));
    run.runTo(6000);
    expect(run.restarts).toEqual([1400, 5700]);
  });

  it.each<[string, (run: LadderRun) => void]>([
    ['a doubt', run => run.ladder.doubted('silence', run.rtt, run.now)],
    ['a sure hint', run => run.ladder.hinted('online', true, run.rtt, run.now)],
    ['a failed connection', run => run.ladder.iceFailed(run.now)],
  ])('a restart of the application goes before one after %s', (_, lose) => {
    const run = new LadderRun();

    run.ladder.heard(0);
    run.at(1000, () => run.ladder.applicationRestarted(run.now));
    run.at(1100, () => lose(run));
    run.at(2000, () => run.ladder.hinted('online', true, run.rtt, run.now));
    run.at(2500, () => run.ladder.iceFailed(run.now));
    run.runTo(4600);
    expect(run.restarts).toEqual([]);
    expect(run.ladder.isApplicationsTurn(4600)).toBe(true);
    run.runTo(5000);
    expect(run.restarts).toEqual([4700]);
  });

  it('nothing is restarted where the library cannot, whatever the browser says', () => {
    const run = lost(new LadderRun({ canAsk: true, canRestart: false }), 1400);

    run.at(2000, () => run.ladder.hinted('online', true, run.rtt, run.now));
    run.at(3000, () => run.ladder.iceFailed(run.now));
    run.runTo(5000);
    expect(run.restarts).toEqual([]);
  });

  it('the application is asked when the first rungs did not help, and again after each answer', () => {
    const run = lost(new LadderRun({ canAsk: true, giveUpAfter: 30_000 }), 1400);

    run.runTo(60_000);
    expect(run.happened.filter(([, what]) => !what.startsWith('restart'))).toEqual([
      [6000, 'ask 1: still-silent'],
      [17_000, 'ask 2: still-silent'],
      [28_000, 'ask 3: still-silent'],
      [31_400, 'failed: gave-up'],
    ]);
  });

  it('the application is asked at once where the library cannot restart ICE itself', () => {
    const run = lost(new LadderRun({ canAsk: true, canRestart: false }), 1400);

    run.runTo(5000);
    expect(run.happened).toEqual([[1400, 'ask 1: no-local-restart']]);
  });

  it('where the channel is lost, that is told once, and the path is restored for the media', () => {
    const run = lost(new LadderRun({ giveUpAfter: 30_000 }), 1400);

    run.hears = now => now > 20_000 && now < 25_000;
    run.at(6000, () => run.ladder.iceFailed(run.now));
    run.at(6001, () => run.ladder.channelLost(run.now));
    run.runTo(60_000);
    expect(run.happened).toEqual([
      [1400, 'restart 1: silence'],
      [2100, 'restart 2: silence'],
      [3700, 'restart 3: silence'],
      [6000, 'restart 4: ice-failed'],
      [6001, 'failed: channel-lost'],
      [16_005, 'restart 5: ice-failed'],
    ]);
    expect(run.ladder.isIdle).toBe(true);
  });

  it('the application is asked at once where the channel is lost', () => {
    const run = lost(new LadderRun({ canAsk: true }), 1400);

    run.at(2000, () => run.ladder.channelLost(run.now));
    run.runTo(2001);
    expect(run.happened.slice(-2)).toEqual([
      [2000, 'failed: channel-lost'],
      [2000, 'ask 1: still-silent'],
    ]);
  });

  it('the application is asked once where the channel is lost and the library cannot restart ICE itself', () => {
    const run = new LadderRun({ canRestart: false, canAsk: true });

    run.ladder.channelLost(0);
    run.runTo(900);
    expect(run.happened).toEqual([
      [0, 'ask 1: no-local-restart'],
      [0, 'failed: channel-lost'],
    ]);
    // It has answered after 1 s, and 10 s later it is asked again.
    run.runTo(11_500);
    expect(run.happened.slice(2)).toEqual([[11_000, 'ask 2: no-local-restart']]);
  });

  it('the application is not asked again where the channel is lost before it has answered', () => {
    const run = lost(new LadderRun({ canAsk: true }), 1400);

    run.at(6500, () => run.ladder.channelLost(run.now));
    run.runTo(16_000);
    expect(run.happened.filter(([, what]) => what.startsWith('ask'))).toEqual([
      [6000, 'ask 1: still-silent'],
    ]);
  });

  it('a lost channel is told once, also where nothing can be done', () => {
    const run = new LadderRun({ canRestart: false });

    run.ladder.channelLost(0);
    run.runTo(60_000);
    expect(run.happened).toEqual([[0, 'failed: channel-lost']]);
  });

  it('it is not given up while something comes on the path, and pings wait', () => {
    const run = lost(new LadderRun({ giveUpAfter: 10_000 }), 1400);

    run.hears = now => now > 5000;
    run.at(60_000, () => run.ladder.pinged(run.now));
    run.runTo(70_000);
    expect(run.happened.at(-1)).toEqual([60_000, 'recovered after 3']);
  });

  it('Firefox does not wait for rungs, and restarts rarely', () => {
    const run = lost(new LadderRun({ isLibwebrtc: false }), 1900);

    run.runTo(30_000);
    expect(run.restarts).toEqual([1900, 28_905]);
    // The channel is lost by now: all that is left is the media.
    run.ladder.channelLost(30_000);
    run.ladder.iceFailed(30_000);
    run.runTo(41_000);
    expect(run.restarts.slice(2)).toEqual([30_000, 35_005, 40_010]);
  });

  it('nothing can be done where nobody can be asked either', () => {
    const run = lost(new LadderRun({ canRestart: false }), 1400);

    run.runTo(60_000);
    expect(run.happened).toEqual([[1400, 'failed: no-local-restart']]);
  });
});
