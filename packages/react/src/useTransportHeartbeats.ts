import type { DeviceHeartbeat, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { useSyncExternalStore } from 'react';
import { emptyStore, SharedStore, storePerObject } from './SharedStore.ts';
import { watchTransports } from './watchTransports.ts';

const NONE: readonly TransportHeartbeat[] = Object.freeze([]);
const EMPTY = emptyStore(NONE);
const storeOf = storePerObject(
  (heartbeats: DeviceHeartbeat) =>
    new SharedStore(NONE, set => watchTransports(heartbeats, open => set(open.length > 0 ? open : NONE))),
);

/**
 * The heartbeats of a device's open transports, in the order of their creation. The component renders again when a transport is created or closed.
 *
 * @param heartbeats - What `enableHeartbeat()` returned. `undefined` or `null` until there is one: then, and while React renders on a
 * server, the list is empty.
 *
 * @example
 * ```tsx
 * function Figures({ heartbeats }: { heartbeats: DeviceHeartbeat | undefined }) {
 *   return useTransportHeartbeats(heartbeats).map(heartbeat => <Latency key={heartbeat.id} heartbeat={heartbeat} />);
 * }
 * ```
 */
export function useTransportHeartbeats(
  heartbeats: DeviceHeartbeat | null | undefined,
): readonly TransportHeartbeat[] {
  const { subscribe, getSnapshot } = heartbeats ? storeOf(heartbeats) : EMPTY;

  return useSyncExternalStore(subscribe, getSnapshot, EMPTY.getSnapshot);
}
