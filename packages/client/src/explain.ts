import { type Explainable, explain as explainAs } from '@mediasoup-heartbeat/protocol/explain';

export type { Explainable };

/**
 * Puts the verdict of a transport's heartbeat and its evidence into words, for logs and support. Of a device, explain each of its
 * `transports`.
 *
 * @example
 * ```ts
 * import { explain } from '@mediasoup-heartbeat/client/explain';
 *
 * const report = [...heartbeats.transports.values()].map(explain);
 * // ['suspect for 1.4 s: 4 pings missing since 12:03:07.2 UTC; RTT was 24 ms, loss 0.4 %', …]
 * ```
 */
export function explain(heartbeat: Explainable): string {
  return explainAs(heartbeat, 'client');
}
