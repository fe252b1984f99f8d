import type { MediaCounters } from '@mediasoup-heartbeat/protocol/media';
import type { Consumer, Producer } from 'mediasoup/types';

/**
 * What the worker counted of a Producer (`inbound-rtp`) or Consumer (`outbound-rtp`), over all of its encodings: `packetCount` and
 * `byteCount`. The statistics of a Consumer have those of its Producer, too. `undefined`: it is closed, or its worker is gone.
 */
export async function readStream(stream: Producer | Consumer): Promise<MediaCounters | undefined> {
  const type = 'producerId' in stream ? 'outbound-rtp' : 'inbound-rtp';
  const all = await stream.getStats().catch(() => undefined);
  const counters = { packets: 0, bytes: 0 };

  for (const stats of all ?? []) {
    if (stats.type === type) {
      counters.packets += stats.packetCount;
      counters.bytes += stats.byteCount;
    }
  }

  return all && counters;
}
