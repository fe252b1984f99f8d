import type { MediaCounters } from '@mediasoup-heartbeat/protocol/media';
import type { types } from 'mediasoup-client';

/** A Producer or Consumer of the client. */
export type Stream = types.Producer | types.Consumer;

/** What has `getStats()`: a transport, or a Producer or Consumer itself. */
type Source = { getStats(): Promise<RTCStatsReport> };

// biome-ignore lint/suspicious/noExplicitAny: an entry of the statistics, of any type
type Entry = any;

/**
 * Reads what the browser counted of streams, over all of their encodings, from one report of their transport. Of `outbound-rtp`:
 * `packetsSent`, `bytesSent`, `headerBytesSent`. Of `inbound-rtp`: `packetsReceived`, `bytesReceived`, `headerBytesReceived`. Of
 * `remote-inbound-rtp`: `timestamp`, which is when a receiver report came.
 */
export class StreamReader {
  readonly #source: Source;
  readonly #now: () => number;
  /** The timestamps of the latest reports by id, and when each was first seen. */
  readonly #reports = new Map<string, { timestamp: number; seenAt: number }>();

  constructor(source: Source, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** A stream that has no `outbound-rtp` or `inbound-rtp` yet has counted nothing. Empty: the transport is closed. */
  async read(streams: readonly Stream[]): Promise<ReadonlyMap<Stream, MediaCounters>> {
    // All streams are paused.
    const report = streams.length > 0 ? await this.#source.getStats().catch(() => undefined) : undefined;
    const counters = new Map<Stream, MediaCounters>();
    const entries: Entry[] = [];

    report?.forEach(entry => {
      entries.push(entry);
    });

    for (const id of this.#reports.keys()) {
      if (report?.has(id) === false) {
        this.#reports.delete(id);
      }
    }

    for (const stream of report === undefined ? [] : streams) {
      counters.set(stream, 'producerId' in stream ? received(entries, stream) : this.#sent(entries, stream));
    }

    return counters;
  }

  #sent(entries: Entry[], stream: Stream): MediaCounters {
    const own = entries.filter(entry => entry.type === 'outbound-rtp' && isOf(entry, stream));
    const ids = new Set(own.map(({ id }) => id));
    const ssrcs = new Set(own.map(({ ssrc }) => ssrc));
    let reportedAt: number | null = null;

    for (const entry of entries) {
      if (entry.type === 'remote-inbound-rtp' && (ids.has(entry.localId) || ssrcs.has(entry.ssrc))) {
        reportedAt = Math.max(reportedAt ?? 0, this.#seenAt(entry));
      }
    }

    return { ...sum(own, 'Sent'), reportedAt };
  }

  /** The clock of the statistics may be another one: only that it goes on counts. */
  #seenAt({ id, timestamp }: Entry): number {
    const before = this.#reports.get(id);

    if (before?.timestamp === timestamp) {
      return before?.seenAt as number;
    }

    const seenAt = this.#now();

    this.#reports.set(id, { timestamp, seenAt });

    return seenAt;
  }
}

function received(entries: Entry[], stream: Stream): MediaCounters {
  return sum(
    entries.filter(entry => entry.type === 'inbound-rtp' && isOf(entry, stream)),
    'Received',
  );
}

/** By SSRC if the parameters name it, else by the media section: simulcast by RID has no SSRCs. */
function isOf(entry: Entry, { rtpParameters: { mid, encodings = [] } }: Stream): boolean {
  const ssrcs = encodings.flatMap(({ ssrc }) => (ssrc === undefined ? [] : [ssrc]));

  return ssrcs.length > 0 ? ssrcs.includes(entry.ssrc) : mid !== undefined && entry.mid === mid;
}

function sum(entries: Entry[], way: 'Sent' | 'Received'): MediaCounters {
  const counters = { packets: 0, bytes: 0 };

  for (const entry of entries) {
    counters.packets += Number(entry[`packets${way}`] ?? 0);
    counters.bytes += Number(entry[`bytes${way}`] ?? 0) + Number(entry[`headerBytes${way}`] ?? 0);
  }

  return counters;
}
