import type { PathCounters } from '@mediasoup-heartbeat/protocol';
import type { Channel } from './Channel.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';

type TransportStats = Awaited<ReturnType<HeartbeatTransport['getStats']>>[number];

/** mediasoup counts RTP without the bytes of its encryption: up to this factor, in short audio packets. */
const SRTP = 1.15;

/**
 * Reads the counters of a transport.
 *
 * @throws what mediasoup throws: the transport or its Worker is gone.
 */
export async function readPath(
  transport: HeartbeatTransport,
  channel: Channel,
  isQueueing: boolean,
): Promise<PathCounters> {
  const [[stats], waiting] = await Promise.all([transport.getStats(), channel.isWaiting(isQueueing)]);

  return {
    received: stats?.bytesReceived ?? 0,
    data: stats === undefined ? 0 : dataBytes(stats),
    waiting,
  };
}

/** Bytes over the transport, in both directions, that are not RTP: nearly all of them are SCTP. */
function dataBytes(stats: TransportStats): number {
  const rtp =
    stats.rtpBytesReceived +
    stats.rtxBytesReceived +
    stats.rtpBytesSent +
    stats.rtxBytesSent +
    stats.probationBytesSent;

  return stats.bytesReceived + stats.bytesSent - SRTP * rtp;
}
