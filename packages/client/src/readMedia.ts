import type { MediaLoss } from '@mediasoup-heartbeat/protocol/quality';
import type { types } from 'mediasoup-client';

/** What the browser counts of the media of a transport, over all of its streams. */
export type MediaCounters = {
  /** RTP packets that came, and that were lost on the way here (`inbound-rtp`). */
  received: number;
  lost: number;
  /** RTP packets that left (`outbound-rtp`). */
  sent: number;
  /** The share of them that the server missed lately, by its latest receiver reports (`remote-inbound-rtp`): the worst stream. */
  fractionLost: number;
};

/** Reads the counters. `undefined`: the transport is closed. */
export async function readMedia(transport: types.Transport): Promise<MediaCounters | undefined> {
  const report = await transport.getStats().catch(() => undefined);
  const counters = { received: 0, lost: 0, sent: 0, fractionLost: 0 };

  report?.forEach(stats => {
    if (stats.type === 'inbound-rtp') {
      counters.received += Number(stats.packetsReceived ?? 0);
      counters.lost += Number(stats.packetsLost ?? 0);
    } else if (stats.type === 'outbound-rtp') {
      counters.sent += Number(stats.packetsSent ?? 0);
    } else if (stats.type === 'remote-inbound-rtp') {
      counters.fractionLost = Math.max(counters.fractionLost, Number(stats.fractionLost ?? 0));
    }
  });

  return report && counters;
}

/** The share of packets that was lost between two reads. `undefined` where none flowed. */
export function mediaLossBetween(before: MediaCounters, after: MediaCounters): MediaLoss {
  const received = after.received - before.received;
  // A packet that comes late is no longer counted as lost.
  const lost = Math.max(0, after.lost - before.lost);

  return {
    downlink: received > 0 ? lost / (received + lost) : undefined,
    uplink: after.sent > before.sent ? after.fractionLost : undefined,
  };
}
