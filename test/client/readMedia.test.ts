import { describe, expect, it } from 'vitest';
import { type MediaCounters, mediaLossBetween, readMedia } from '../../packages/client/src/readMedia.ts';

const counters = (values: Partial<MediaCounters>): MediaCounters => ({
  received: 0,
  lost: 0,
  sent: 0,
  fractionLost: 0,
  ...values,
});

describe('mediaLossBetween()', () => {
  it('is the share of the packets since the last read, in each direction', () => {
    expect(
      mediaLossBetween(
        counters({ received: 1000, lost: 50, sent: 500, fractionLost: 0.5 }),
        counters({ received: 1090, lost: 60, sent: 600, fractionLost: 0.02 }),
      ),
    ).toEqual({ downlink: 0.1, uplink: 0.02 });
  });

  it('is unknown where nothing flows, although the last report said something', () => {
    const before = counters({ received: 1000, lost: 50, sent: 500, fractionLost: 0.5 });

    expect(mediaLossBetween(before, { ...before })).toEqual({ downlink: undefined, uplink: undefined });
  });

  it('is not negative if packets come late', () => {
    expect(mediaLossBetween(counters({ lost: 9 }), counters({ received: 100, lost: 2 })).downlink).toBe(0);
  });
});

describe('readMedia()', () => {
  it('sums up the streams, and takes the worst report of the server', async () => {
    const report = new Map(
      [
        { id: 'a', type: 'inbound-rtp', packetsReceived: 100, packetsLost: 3 },
        { id: 'b', type: 'inbound-rtp', packetsReceived: 50 },
        { id: 'c', type: 'outbound-rtp', packetsSent: 70 },
        { id: 'd', type: 'remote-inbound-rtp', fractionLost: 0.1 },
        { id: 'e', type: 'remote-inbound-rtp', fractionLost: 0.04 },
        { id: 'f', type: 'candidate-pair', bytesReceived: 9 },
      ].map(stats => [stats.id, stats]),
    );

    expect(await readMedia({ getStats: async () => report } as never)).toEqual({
      received: 150,
      lost: 3,
      sent: 70,
      fractionLost: 0.1,
    });
  });

  it('reads nothing from a transport that is closed', async () => {
    expect(await readMedia({ getStats: () => Promise.reject(new Error('closed')) } as never)).toBeUndefined();
  });
});
