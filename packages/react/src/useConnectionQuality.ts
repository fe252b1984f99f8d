import type { DeviceHeartbeat, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import type { Quality } from '@mediasoup-heartbeat/client/quality';
import { useSyncExternalStore } from 'react';
import { emptyStore, SharedStore, storePerObject } from './SharedStore.ts';
import { watchConnectionQuality } from './watchConnectionQuality.ts';
import { UNKNOWN } from './worstQuality.ts';

const EMPTY = emptyStore(UNKNOWN);
const storeOf = storePerObject(
  (heartbeat: DeviceHeartbeat | TransportHeartbeat) =>
    new SharedStore(UNKNOWN, set => watchConnectionQuality(heartbeat, set)),
);

/**
 * The quality of the connection, by direction: a score of 1 to 4.5, a word and the main cause, see `watchQuality()` of
 * `@mediasoup-heartbeat/client/quality`. It works without media. Of a device it is the worst of its transports. All components that show
 * the same heartbeat share one watch, which reads the transport's statistics once every 5 s.
 *
 * The component renders again when the rating, its cause, or the score by 0.1 or more changes.
 *
 * @param heartbeat - What `enableHeartbeat()` returned, or the heartbeat of one transport. `undefined` or `null` until there is one:
 * then, and while React renders on a server, both directions are `unknown`.
 *
 * @example
 * ```tsx
 * function Bars({ heartbeats }: { heartbeats: DeviceHeartbeat | undefined }) {
 *   const { uplink, downlink } = useConnectionQuality(heartbeats);
 *
 *   return <p title={downlink.cause}>{uplink.rating} / {downlink.rating}</p>;
 * }
 * ```
 */
export function useConnectionQuality(
  heartbeat: DeviceHeartbeat | TransportHeartbeat | null | undefined,
): Quality {
  const { subscribe, getSnapshot } = heartbeat ? storeOf(heartbeat) : EMPTY;

  return useSyncExternalStore(subscribe, getSnapshot, EMPTY.getSnapshot);
}
