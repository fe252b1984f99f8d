import { describe, expect, it } from 'vitest';
import { SimulatedPair } from '../SimulatedPair.ts';

/** The round trip of a simulated pair, in ms. */
const RTT = 25;

/** Lets the process of one side stall for so long, once, so long after a ping left. */
function pingsOneStall(stalled: 'server' | 'client', after: number, ms: number): SimulatedPair {
  const pair = new SimulatedPair().connect().run(10_000);
  const isServer = stalled === 'server';
  const { length: pings } = pair.sentByServer;

  while (pair.sentByServer.length === pings) {
    pair.run(1);
  }

  pair.run(after);

  const from = pair.now;

  // No timer fires and no frame is read meanwhile.
  pair.now += ms;

  if (isServer) {
    pair.feedServer(server => server.handleStall(from, pair.now));
  } else {
    pair.feedClient(client => client.handleStall(from, pair.now));
  }

  return pair.run(10_000);
}

describe.each([5, 500])('a local stall that begins %i ms after a ping left', after => {
  it.each(['server', 'client'] as const)('of the %s makes no round trip shorter than the path', stalled => {
    const pair = pingsOneStall(stalled, after, 300);

    for (const { samples } of [pair.server, pair.client]) {
      expect(Math.min(...samples.map(({ rtt }) => rtt))).toBeGreaterThanOrEqual(RTT - 1);
    }

    for (const side of [pair.serverSide, pair.clientSide]) {
      const { min, p95 } = side.stats(pair.now).rtt;

      expect(min).toBeGreaterThanOrEqual(RTT - 1);
      expect(p95).toBeLessThanOrEqual(RTT + 1);
    }
  });
});
