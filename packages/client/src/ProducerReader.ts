import type { SenderReading } from '@mediasoup-heartbeat/protocol/breaker';
import type { types } from 'mediasoup-client';

/**
 * Reads what the browser knows of a Producer, over all of its encodings. Of `outbound-rtp`: `packetsSent`, `bytesSent` and
 * `headerBytesSent`. Of `remote-inbound-rtp`, from receiver reports: `packetsLost`, `roundTripTime`, and `timestamp`, which is when the report
 * came.
 */
export class ProducerReader {
  readonly #producer: types.Producer;
  /** The timestamps of the latest reports, by stream, and when one was first seen to change. */
  readonly #timestamps = new Map<string, number>();
  #reportedAt: number | null = null;

  constructor(producer: types.Producer) {
    this.#producer = producer;
  }

  /** @param at - The time of now, in ms. */
  async read(at: number): Promise<SenderReading | undefined> {
    const report = await this.#producer.getStats().catch(() => undefined);
    const sums = { packets: 0, bytes: 0, lost: 0 };
    let rtt: number | undefined;
    let hasStream = false;

    report?.forEach(stats => {
      if (stats.type === 'outbound-rtp') {
        hasStream = true;
        sums.packets += Number(stats.packetsSent ?? 0);
        sums.bytes += Number(stats.bytesSent ?? 0) + Number(stats.headerBytesSent ?? 0);
      } else if (stats.type === 'remote-inbound-rtp') {
        sums.lost += Number(stats.packetsLost ?? 0);
        // In seconds.
        rtt = Math.max(rtt ?? 0, 1000 * Number(stats.roundTripTime ?? 0)) || undefined;
        this.#noteReport(String(stats.id), Number(stats.timestamp), at);
      }
    });

    return hasStream ? { at, ...sums, rtt, reportedAt: this.#reportedAt } : undefined;
  }

  /** The clock of the statistics may be another one: only that it goes on counts. */
  #noteReport(id: string, timestamp: number, at: number): void {
    if (this.#timestamps.get(id) !== timestamp) {
      this.#timestamps.set(id, timestamp);
      this.#reportedAt = at;
    }
  }
}
