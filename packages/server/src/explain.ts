import { type Explainable, explain as explainAs } from '@mediasoup-heartbeat/protocol/explain';

export type { Explainable };

/**
 * Puts the verdict of a heartbeat and its evidence into words, for logs and support. Of a group, explain each of its `heartbeats`.
 *
 * @example
 * ```ts
 * import { explain } from '@mediasoup-heartbeat/server/explain';
 *
 * heartbeat.on('statechange', () => log(explain(heartbeat)));
 * // suspect for 0.0 s: 4 pings unanswered since 12:03:07.2 UTC; RTT was 24 ms, loss 0.4 %
 * ```
 */
export function explain(heartbeat: Explainable): string {
  return explainAs(heartbeat, 'server');
}
