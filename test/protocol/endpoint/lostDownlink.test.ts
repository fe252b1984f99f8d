import { decodeFrame, type Hello } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { SimulatedPair, storyOf } from '../SimulatedPair.ts';

const SAYS_SO: Hello = { type: 'hello', instance: 42, hidden: 0, silence: 2000 };

/** A pair that has run for so long that both sides know their link. Nothing reaches its client from now on. */
function unreached(): SimulatedPair {
  const pair = new SimulatedPair().connect().run(30_000);

  forget(pair);
  pair.downlink.delay = () => undefined;
  // It is heard: checks of the path, media.
  pair.countersOf.server = () => ({ received: pair.now });

  return pair;
}

/** The same, but with a page that hangs: it says nothing. */
function hung(): SimulatedPair {
  const pair = unreached();

  pair.clientRuns = false;

  return pair;
}

function forget({ server, client }: SimulatedPair): void {
  server.changes.length = 0;
  client.changes.length = 0;
}

function hellosOf({ sentByClient }: SimulatedPair): Hello[] {
  return sentByClient.map(bytes => decodeFrame(bytes, 1)).filter(frame => frame.type === 'hello');
}

describe('a client whose downlink is lost', () => {
  it('[HB-HELLO-6] says how long it has heard nothing, when it suspects the server and again and again', () => {
    const pair = unreached();
    const from = pair.now;
    const { length: before } = hellosOf(pair);

    pair.run(10_000);

    const silences = hellosOf(pair)
      .slice(before)
      .flatMap(({ silence }) => silence ?? []);
    const { at } = pair.client.changes[0] ?? { at: 0 };

    expect(storyOf(pair.client)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
    expect(silences[0]).toBeGreaterThanOrEqual(1600);
    expect(silences[0]).toBeLessThanOrEqual(at - from + 1000);
    expect(silences).toEqual([...silences].sort((a, b) => a - b));
    expect(silences.length).toBeGreaterThan(10);
  });

  it('[HB-JUDGE-5] is suspect for that reason at once, and dead for it within 10 s', () => {
    const pair = unreached();
    const from = pair.now;

    pair.run(10_000);

    const [, told, dead] = pair.server.changes;

    expect(storyOf(pair.server)).toEqual([
      'suspect: missed-pings',
      'suspect: downlink-lost',
      'dead: downlink-lost',
    ]);
    expect(told?.at).toBe((pair.client.changes[0]?.at ?? 0) + 15);
    expect(dead?.at).toBeGreaterThan(from + 4000);
  });

  it('[HB-JUDGE-5] is suspect at once, even if the server has not weighed its own misses yet', () => {
    const pair = hung().run(1200);

    expect(storyOf(pair.server)).toEqual([]);
    pair.tellServer(SAYS_SO);
    expect(storyOf(pair.server)).toEqual(['suspect: downlink-lost']);
  });

  it('[HB-JUDGE-5] is alive again when a ping gets through', () => {
    const pair = unreached().run(4000);

    pair.mend().run(500);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
    expect(storyOf(pair.server).join()).not.toContain('dead');

    // What it said is of the past: it is a page like any other.
    forget(pair);
    pair.run(300_000);
    pair.clientRuns = false;
    pair.run(10_000);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'suspect: page-unresponsive']);
  });

  it('is pinged more often than a page that hangs', () => {
    const [pair, page] = [unreached(), hung()];
    const [before, beforeHung] = [pair.sentByServer.length, page.sentByServer.length];

    pair.run(5000);
    page.run(5000);
    expect(pair.sentByServer.length - before).toBeGreaterThan(1.5 * (page.sentByServer.length - beforeHung));
  });
});

describe('a page that hangs', () => {
  it('and says nothing is not dead before a minute', () => {
    const pair = hung().run(59_000);

    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'suspect: page-unresponsive']);
  });

  it('after it has said that it hears nothing is a page that hangs again 3 s later', () => {
    const pair = hung().run(2000);

    pair.tellServer(SAYS_SO);
    pair.run(57_000);
    expect(storyOf(pair.server)).toEqual(['suspect: downlink-lost', 'suspect: page-unresponsive']);
  });

  it('[HB-HELLO-6] of an older version, which tells no silence, is not dead before a minute', () => {
    const pair = hung();

    for (let second = 0; second < 59; second++) {
      pair.tellServer({ type: 'hello', instance: 42, hidden: 0 });
      pair.run(1000);
    }

    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'suspect: page-unresponsive']);
  });
});

describe('a client that says that it hears nothing', () => {
  it('[HB-JUDGE-5] is not suspected by a server that has no ping under way', () => {
    const pair = new SimulatedPair().connect().run(10_300);

    forget(pair);
    pair.tellServer(SAYS_SO);
    pair.run(2000);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('[HB-JUDGE-5] is not suspected by a server that has just stalled', () => {
    const pair = unreached().run(700);

    pair.serverRuns = false;
    pair.run(8000);
    pair.mend();
    pair.serverRuns = true;
    // What has waited is read after the stall.
    pair.feedServer((server, now) => server.handleStall(now - 8000, now));
    pair.tellServer({ ...SAYS_SO, silence: 8000 });
    pair.run(2000);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('[HB-JUDGE-5] is not suspected by a server whose frames wait behind other data', () => {
    const pair = hung();

    pair.countersOf.server = () => ({ received: pair.now, waiting: true });
    pair.run(2500);
    pair.tellServer(SAYS_SO);
    pair.run(1000);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('[HB-JUDGE-5] is not suspected while an interruption is announced', () => {
    const pair = unreached();

    pair.feedServer((server, now) => server.expectInterruption(8000, now));
    pair.run(7900);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('[HB-HELLO-6] does not say it of a server that hangs while its network stack answers', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const { length: before } = hellosOf(pair);

    pair.serverRuns = false;
    pair.stackHeardBy.client = true;
    pair.run(20_000);

    const said = hellosOf(pair).slice(before);

    expect(storyOf(pair.client).at(-1)).toBe('suspect: server-unresponsive');
    expect(said.length).toBeGreaterThan(20);
    // The transport has not been read twice when the first leaves.
    expect(said.slice(2).filter(({ silence }) => silence !== undefined)).toEqual([]);
  });
});
