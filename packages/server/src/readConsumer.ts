import type { SenderReading } from '@mediasoup-heartbeat/protocol/breaker';
import type { Consumer } from 'mediasoup/types';

/**
 * What mediasoup knows of the stream that it sends for a Consumer (`outbound-rtp`): `packetCount`, `byteCount`, and from receiver reports
 * `packetsLost` and `roundTripTime`. `undefined`: the Consumer is gone, or has no stream yet.
 */
export async function readConsumer(consumer: Consumer, at: number): Promise<SenderReading | undefined> {
  const all = await consumer.getStats().catch(() => []);
  const stats = all.find(({ type }) => type === 'outbound-rtp');

  return (
    stats && {
      at,
      packets: stats.packetCount,
      bytes: stats.byteCount,
      lost: stats.packetsLost,
      // 0 before the first report.
      rtt: stats.roundTripTime || undefined,
    }
  );
}
