import type { Reason, Snapshot, State, Stats } from '@mediasoup-heartbeat/protocol';
import { type ExplainingSide, explain } from '@mediasoup-heartbeat/protocol/explain';
import { describe, expect, it } from 'vitest';
import { SimulatedPair } from './SimulatedPair.ts';

const NOON = Date.UTC(2026, 10, 21, 12, 3, 7, 240);

/** Figures of a client with an RTT of 24 ms and some loss, last heard at noon. */
function figures(changes: Partial<Stats> = {}): Stats {
  return {
    at: NOON + 5000,
    rtt: { last: 30, smoothed: 24.2, variation: 2, min: 20, p50: 24, p95: 40 },
    loss: { downlink: 0, uplink: 0.004, round: 0.004, window: 120 },
    outages: { count: 0, total: 0, longest: 0, last: undefined },
    sent: 100,
    received: 96,
    late: 0,
    lost: 4,
    malformed: 0,
    internalErrors: 0,
    localHealth: 'well',
    lastSeenAt: NOON,
    silentFor: 5000,
    upSince: NOON - 60_000,
    hidden: false,
    evidence: { missed: 4, deadline: 100, suspicion: 0.5, path: 'unknown' },
    ...changes,
  };
}

function explained(
  state: State,
  reason: Reason,
  {
    lasting = 1440,
    side = 'server',
    ...changes
  }: Partial<Stats> & { lasting?: number; side?: ExplainingSide } = {},
): string {
  const stats = figures(changes);
  const snapshot: Snapshot = { state, previous: 'alive', reason, at: stats.at - lasting, silentFor: 0 };

  return explain({ stats, getSnapshot: () => snapshot }, side);
}

describe('explain()', () => {
  it('tells the state, its evidence, what the path says, and the figures', () => {
    expect(
      explained('suspect', 'missed-pings', {
        evidence: { missed: 4, deadline: 100, suspicion: 0.5, path: 'carries' },
      }),
    ).toBe(
      'suspect for 1.4 s: 4 pings unanswered since 12:03:07.2 UTC; the transport still receives; RTT was 24 ms, loss 0.4 %',
    );
  });

  it('tells the same from the side of the client', () => {
    expect(explained('dead', 'missed-pings', { side: 'client' })).toBe(
      'dead for 1.4 s: 4 pings missing since 12:03:07.2 UTC; RTT was 24 ms, loss 0.4 %',
    );
  });

  it('tells what is not known by leaving it out', () => {
    const nothing = {
      last: undefined,
      smoothed: undefined,
      variation: undefined,
      min: undefined,
      p50: undefined,
      p95: undefined,
    };

    expect(
      explained('pending', 'no-client-half', {
        rtt: nothing,
        loss: { downlink: undefined, uplink: undefined, round: undefined, window: 0 },
        lastSeenAt: undefined,
        evidence: { missed: 0, deadline: 1000, suspicion: 0, path: 'unknown' },
      }),
    ).toBe('pending for 1.4 s: the client runs no heartbeat, or has switched it off');
  });

  it('tells outages, a hidden page, and a server that is unwell', () => {
    expect(
      explained('suspect', 'missed-pings', {
        hidden: true,
        localHealth: 'worker-unresponsive',
        outages: { count: 2, total: 13_000, longest: 9840, last: undefined },
        evidence: { missed: 1, deadline: 100, suspicion: 0.5, path: 'silent' },
      }),
    ).toBe(
      'suspect for 1.4 s: 1 ping unanswered since 12:03:07.2 UTC; the transport receives nothing; the worker does not answer; ' +
        'the page is in the background; RTT was 24 ms, loss 0.4 %; 2 outages, the longest of 9.8 s',
    );
  });

  it('says nothing of the path and the page once the heartbeat is closed', () => {
    expect(
      explained('closed', 'transport-closed', {
        hidden: true,
        evidence: { missed: 4, deadline: 100, suspicion: 0.5, path: 'silent' },
      }),
    ).toBe('closed for 1.4 s: the transport was closed; RTT was 24 ms, loss 0.4 %');
  });

  it.each([
    [0, '0.0 s'],
    [59_990, '59.9 s'],
    [60_000, '1 min 0 s'],
    [3_599_999, '59 min 59 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('writes %i ms as %s', (lasting, words) => {
    expect(explained('alive', 'first-pong', { lasting })).toBe(
      `alive for ${words}: the client answers; RTT 24 ms, loss 0.4 %`,
    );
  });

  it('names the day of what was longer than a day ago', () => {
    expect(explained('dead', 'missed-pings', { at: NOON + 86_400_000 })).toContain(
      '4 pings unanswered since 2026-11-21 12:03:07.2 UTC;',
    );
  });

  it('has words of its own for each reason, on both sides', () => {
    const reasons: Record<Reason, State> = {
      new: 'pending',
      'no-client-half': 'pending',
      'no-server-half': 'pending',
      'not-connected': 'pending',
      'version-mismatch': 'pending',
      'stream-id-taken': 'pending',
      'fake-handler': 'pending',
      'unsupported-client': 'pending',
      'first-pong': 'alive',
      'first-ping': 'alive',
      recovered: 'alive',
      'missed-pings': 'suspect',
      'page-unresponsive': 'dead',
      'server-unresponsive': 'dead',
      'server-network': 'suspect',
      'worker-unresponsive': 'suspect',
      'downlink-lost': 'dead',
      'page-frozen': 'suspect',
      goodbye: 'dead',
      'no-answer': 'dead',
      'ice-disconnected': 'suspect',
      'dtls-closed': 'dead',
      'dtls-failed': 'dead',
      'sctp-closed': 'dead',
      'sctp-failed': 'dead',
      'connection-failed': 'dead',
      'channel-closed': 'dead',
      'channel-lost': 'dead',
      'protocol-violation': 'dead',
      'transport-closed': 'closed',
      'router-closed': 'closed',
      'worker-died': 'closed',
      'heartbeat-closed': 'closed',
      'channel-failed': 'closed',
    };

    for (const side of ['server', 'client'] as const) {
      const texts = Object.entries(reasons).map(([reason, state]) =>
        explained(state, reason as Reason, { side }),
      );

      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.join()).not.toMatch(/undefined|NaN|null/);
    }
  });

  it('explains a real verdict of both sides after the path is cut', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut().run(3000);
    const [server, client] = (['server', 'client'] as const).map(side => {
      const changes = pair[side].changes;
      const endpoint = side === 'server' ? pair.serverSide : pair.clientSide;

      return explain(
        { stats: endpoint.stats(pair.now), getSnapshot: () => changes.at(-1) as Snapshot },
        side,
      );
    });

    expect(server).toMatch(
      /^suspect for 1\.\d s: \d+ pings unanswered since \d\d:\d\d:\d\d\.\d UTC; RTT was 25 ms, loss \d+\.\d %$/,
    );
    expect(client).toMatch(/^suspect for 1\.\d s: \d+ pings? missing since .* UTC; RTT was 25 ms/);
  });
});
