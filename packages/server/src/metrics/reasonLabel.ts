import type { Reason } from '@mediasoup-heartbeat/protocol';

/** All reasons: the compiler misses one that is not here. */
const REASONS: Readonly<Record<Reason, true>> = {
  new: true,
  'no-client-half': true,
  'no-server-half': true,
  'not-connected': true,
  'version-mismatch': true,
  'stream-id-taken': true,
  'fake-handler': true,
  'unsupported-client': true,
  'first-pong': true,
  'first-ping': true,
  recovered: true,
  'missed-pings': true,
  'page-unresponsive': true,
  'server-unresponsive': true,
  'server-network': true,
  'worker-unresponsive': true,
  'downlink-lost': true,
  'page-frozen': true,
  goodbye: true,
  'no-answer': true,
  'ice-disconnected': true,
  'dtls-closed': true,
  'dtls-failed': true,
  'sctp-closed': true,
  'sctp-failed': true,
  'connection-failed': true,
  'channel-closed': true,
  'channel-lost': true,
  'protocol-violation': true,
  'transport-closed': true,
  'router-closed': true,
  'worker-died': true,
  'heartbeat-closed': true,
  'channel-failed': true,
};

/** The attribute for a reason. A reason that is not known, as of another version of the package, is `other`: the set stays small. */
export function reasonLabel(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? reason : 'other';
}
