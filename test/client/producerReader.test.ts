import { describe, expect, it } from 'vitest';
import { ProducerReader } from '../../packages/client/src/ProducerReader.ts';

type Row = { id: string; type: string; [field: string]: unknown };

function readerOf(...reports: (readonly Row[])[]): ProducerReader {
  return new ProducerReader({
    getStats: async () => new Map(reports.shift()?.map(row => [row.id, row])),
  } as never);
}

const OUT = { id: 'o', type: 'outbound-rtp', packetsSent: 10, bytesSent: 1000, headerBytesSent: 120 };
const REPORT = { id: 'r', type: 'remote-inbound-rtp', packetsLost: 2, roundTripTime: 0.05, timestamp: 7 };

describe('what the browser knows of a Producer', () => {
  it('is summed up over all encodings, with the longest round trip in ms', async () => {
    const reader = readerOf([
      OUT,
      { ...OUT, id: 'o2', packetsSent: 5 },
      REPORT,
      { ...REPORT, id: 'r2', roundTripTime: 0.02 },
    ]);

    expect(await reader.read(1000)).toEqual({
      at: 1000,
      packets: 15,
      bytes: 2240,
      lost: 4,
      rtt: 50,
      reportedAt: 1000,
    });
  });

  it('tells when the latest report came, by the change of its timestamp', async () => {
    const reader = readerOf([OUT], [OUT, REPORT], [OUT, REPORT], [OUT, { ...REPORT, timestamp: 8 }]);
    const times = [];

    for (const at of [1000, 2000, 3000, 4000]) {
      times.push((await reader.read(at))?.reportedAt);
    }

    expect(times).toEqual([null, 2000, 2000, 4000]);
  });

  it('is nothing before the first packet, and after the end', async () => {
    expect(await readerOf([]).read(1000)).toBeUndefined();
    expect(
      await new ProducerReader({ getStats: () => Promise.reject(new Error('closed')) } as never).read(1000),
    ).toBeUndefined();
  });
});
