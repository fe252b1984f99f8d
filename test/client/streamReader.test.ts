import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stream, StreamReader } from '../../packages/client/src/StreamReader.ts';

// What libwebrtc says stands in test/server/media.test.ts.

const entries: ({ id: string; type: string } & Record<string, unknown>)[] = [];
let time = 0;
let isClosed = false;

const source = {
  getStats: async () => {
    if (isClosed) {
      throw new Error('closed');
    }

    return new Map(entries.map(entry => [entry.id, entry])) as unknown as RTCStatsReport;
  },
};
const producer = (mid: string, ...ssrcs: number[]) =>
  ({ rtpParameters: { mid, encodings: ssrcs.map(ssrc => ({ ssrc })) } }) as unknown as Stream;
const consumer = (mid: string, ssrc: number) =>
  ({ ...producer(mid, ssrc), producerId: 'p' }) as unknown as Stream;

beforeEach(() => {
  entries.length = 0;
  isClosed = false;
});

describe('a reader of streams', () => {
  it('reads nothing while all streams are paused', async () => {
    const getStats = vi.fn(source.getStats);

    expect(await new StreamReader({ getStats }, () => time).read([])).toEqual(new Map());
    expect(getStats).not.toHaveBeenCalled();
  });

  it('takes the counters of each stream from one report of the transport, by SSRC, with headers', async () => {
    const reader = new StreamReader(source, () => time);
    const [mic, speaker] = [producer('0', 1), consumer('1', 2)];

    entries.push(
      {
        id: 'a',
        type: 'outbound-rtp',
        ssrc: 1,
        mid: '0',
        packetsSent: 10,
        bytesSent: 900,
        headerBytesSent: 100,
      },
      {
        id: 'b',
        type: 'inbound-rtp',
        ssrc: 2,
        packetsReceived: 5,
        bytesReceived: 400,
        headerBytesReceived: 50,
      },
      { id: 'c', type: 'inbound-rtp', ssrc: 3, packetsReceived: 99, bytesReceived: 9999 },
    );

    const counters = await reader.read([mic, speaker]);

    expect(counters.get(mic)).toEqual({ packets: 10, bytes: 1000, reportedAt: null });
    expect(counters.get(speaker)).toEqual({ packets: 5, bytes: 450 });
  });

  it('sums up the encodings of a stream, and finds those without an SSRC by their media section', async () => {
    const reader = new StreamReader(source, () => time);
    const [legacy, byRid] = [producer('0', 1, 2), producer('1')];

    entries.push(
      { id: 'a', type: 'outbound-rtp', ssrc: 1, packetsSent: 1, bytesSent: 10 },
      { id: 'b', type: 'outbound-rtp', ssrc: 2, packetsSent: 2, bytesSent: 20 },
      { id: 'c', type: 'outbound-rtp', ssrc: 7, mid: '1', packetsSent: 4, bytesSent: 40 },
      { id: 'd', type: 'outbound-rtp', ssrc: 8, mid: '1', packetsSent: 8, bytesSent: 80 },
    );

    const counters = await reader.read([legacy, byRid]);

    expect(counters.get(legacy)).toMatchObject({ packets: 3, bytes: 30 });
    expect(counters.get(byRid)).toMatchObject({ packets: 12, bytes: 120 });
  });

  it('says when a receiver report came, by its own clock: only that the timestamp goes on counts', async () => {
    const reader = new StreamReader(source, () => time);
    const mic = producer('0', 1);
    const report = { id: 'r', type: 'remote-inbound-rtp', ssrc: 1, timestamp: 5_000_000 };
    const read = async (at: number) => {
      time = at;

      return (await reader.read([mic])).get(mic)?.reportedAt;
    };

    entries.push({ id: 'a', type: 'outbound-rtp', ssrc: 1, packetsSent: 1, bytesSent: 10 });
    expect(await read(1000)).toBeNull();
    entries.push(report);
    expect(await read(2000)).toBe(2000);
    expect(await read(3000)).toBe(2000);
    report.timestamp = 1;
    expect(await read(4000)).toBe(4000);
  });

  it('has counted nothing of a stream that the browser does not list yet, and reads nothing of a closed transport', async () => {
    const reader = new StreamReader(source, () => time);
    const mic = producer('0', 1);

    expect((await reader.read([mic])).get(mic)).toEqual({ packets: 0, bytes: 0, reportedAt: null });
    isClosed = true;
    expect((await reader.read([mic])).size).toBe(0);
  });
});
