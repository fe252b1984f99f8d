import { describe, expect, it } from 'vitest';
import { SimulatedPair, storyOf } from '../SimulatedPair.ts';

const HOME = '192.0.2.1';
const AWAY = '198.51.100.7';

/** A pair that knows its path, of a client that ICE has found at {@link HOME}. */
function settled(): SimulatedPair {
  const pair = new SimulatedPair().connect();

  moveTo(pair, HOME);
  pair.run(30_000);
  pair.server.changes.length = 0;
  pair.client.changes.length = 0;

  return pair;
}

/** The server's transport chooses another path to its client. */
function moveTo(pair: SimulatedPair, address: string): void {
  pair.feedServer((server, now) => server.handleOtherPath(address, now));
}

describe('HB-JUDGE-6: a path that has come back', () => {
  it('is not dead for 15 s after the client came on another path, however long SCTP waits', () => {
    const pair = settled().cut();

    pair.run(4500);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings']);
    moveTo(pair, AWAY);
    pair.run(14_900);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings']);
    pair.run(400);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
  });

  it.each(['server', 'client'] as const)(
    'is not dead for 15 s after its bytes began to grow again on the %s',
    side => {
      const pair = settled().cut();
      let bytes = 0;

      pair.countersOf[side] = () => ({ received: bytes });
      pair.run(4800);
      expect(pair[`${side}Side`].state).toBe('suspect');
      // A single packet, and then nothing: SCTP waits.
      bytes = 100;
      pair.run(14_500);
      expect(pair[`${side}Side`].state).toBe('suspect');
      pair.run(1500);
      expect(pair[`${side}Side`].state).toBe('dead');
    },
  );

  it('dies all the same where its client only changes its path again and again', () => {
    const pair = settled().cut();

    pair.run(4500);

    for (let move = 0; move < 200; move++) {
      moveTo(pair, move % 2 ? HOME : AWAY);
      pair.run(100);
    }

    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
    // And it costs no more than one event a second.
    expect(pair.server.recovering.length).toBeLessThanOrEqual(21);
    expect(pair.server.recovering.at(-1)?.attempt).toBeGreaterThan(150);
  });

  it('has another 15 s each time that its peer was heard in between', () => {
    const pair = settled();

    for (let round = 0; round < 3; round++) {
      pair.cut().run(4500);
      moveTo(pair, round % 2 ? HOME : AWAY);
      pair.run(14_000).mend().run(10_000);
    }

    // The detector learns of outages, so the third one may not even be suspect.
    expect(storyOf(pair.server).slice(0, 4)).toEqual(
      Array(2).fill(['suspect: missed-pings', 'alive: recovered']).flat(),
    );
    expect(storyOf(pair.server)).not.toContain('dead: missed-pings');
  });

  it('makes nobody alive', () => {
    const pair = settled().cut();

    pair.run(20_000);
    expect(storyOf(pair.server).at(-1)).toBe('dead: missed-pings');
    moveTo(pair, AWAY);
    pair.run(60_000);
    expect(storyOf(pair.server).at(-1)).toBe('dead: missed-pings');
    expect(pair.server.recovered).toEqual([]);
  });

  it('does not lengthen the life of a page that hangs, as its path was never silent', () => {
    const deaths = [false, true].map(moves => {
      const pair = settled();

      pair.clientRuns = false;
      pair.stackHeardBy.server = true;

      const from = pair.now;

      for (let second = 0; second < 90; second++) {
        pair.run(1000);

        if (moves && second > 45) {
          moveTo(pair, second % 2 ? HOME : AWAY);
        }
      }

      expect(storyOf(pair.server).at(-1)).toBe('dead: page-unresponsive');

      return (pair.server.changes.at(-1)?.at ?? 0) - from;
    });

    // A change of path is a hint, which brings the next ping and so the next verdict forward.
    expect(Math.abs((deaths[1] ?? 0) - (deaths[0] ?? 0))).toBeLessThan(9000);
    expect(deaths[1]).toBeLessThan(75_000);
  });
});

describe('the server tells of a return', () => {
  it('when a silent client comes on another path, and when a pong has proven it', () => {
    const pair = settled();
    const seenAt = pair.serverSide.stats(pair.now).lastSeenAt ?? 0;

    pair.cut().run(4000);
    moveTo(pair, AWAY);
    expect(pair.server.recovering).toEqual([
      { cause: 'new-path', attempt: 1, at: pair.now, silentFor: pair.now - seenAt },
    ]);

    const movedAt = pair.now;

    pair.run(500);
    expect(pair.server.recovered).toEqual([]);
    pair.mend().run(2000);
    expect(pair.server.recovered).toHaveLength(1);

    const { attempts, outage, restoredIn, provenIn, at } = pair.server.recovered[0] ?? {};

    expect([attempts, restoredIn]).toEqual([1, movedAt - seenAt]);
    expect([outage, provenIn]).toEqual([(at ?? 0) - seenAt, (at ?? 0) - seenAt]);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'alive: recovered']);
  });

  it('and not of a change of path while the client is heard', () => {
    const pair = settled();

    moveTo(pair, AWAY);
    pair.run(10_000);
    expect([pair.server.recovering, pair.server.recovered]).toEqual([[], []]);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('and does not take the pong to a ping that left before for the proof', () => {
    const pair = settled();

    pair.uplink.delay = () => 3000;
    pair.run(2500);
    moveTo(pair, AWAY);
    pair.run(900);
    expect(pair.server.recovering).toHaveLength(1);
    expect(pair.server.recovered).toEqual([]);
    pair.uplink.delay = () => 15;
    pair.run(5000);
    expect(pair.server.recovered).toHaveLength(1);
  });
});

describe('HB-RTT-5: another path', () => {
  it('begins RTT and loss anew on the server if the client’s address is another one', () => {
    const pair = settled();

    pair.downlink.delay = () => 60;
    moveTo(pair, AWAY);
    expect(pair.serverSide.stats(pair.now).rtt).toMatchObject({ smoothed: undefined, min: undefined });
    expect(pair.serverSide.stats(pair.now).loss).toMatchObject({ round: undefined, window: 0 });
    pair.run(5000);
    expect(pair.serverSide.stats(pair.now).rtt.min).toBeCloseTo(75, 0);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('changes nothing if only the port is another one', () => {
    const pair = settled();
    const before = pair.serverSide.stats(pair.now);

    moveTo(pair, HOME);
    expect(pair.serverSide.stats(pair.now).rtt).toEqual(before.rtt);
    expect(pair.serverSide.stats(pair.now).loss).toEqual(before.loss);
  });

  it('begins RTT and loss anew on the client', () => {
    const pair = settled();

    pair.feedClient((client, now) => client.handleOtherPath(now));
    expect(pair.clientSide.stats(pair.now).rtt.smoothed).toBeUndefined();
    expect(pair.clientSide.stats(pair.now).loss.window).toBe(0);
    pair.run(5000);
    expect(pair.clientSide.stats(pair.now).rtt.smoothed).toBeGreaterThan(0);
    expect(storyOf(pair.client)).toEqual([]);
  });
});
