import type { Snapshot, State } from '@mediasoup-heartbeat/client';
import { useSyncExternalStore } from 'react';

/** Anything with a state: the heartbeat of a device or of a transport. */
export type ConnectionSource = {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Snapshot;
};

const subscribeToNothing = () => () => {};
const getPending = (): State => 'pending';

/**
 * The state of the connection: `pending`, `alive`, `suspect`, `dead` or `closed`. The component renders again when the state changes, and
 * not when only its reason does. For the reason, use React's `useSyncExternalStore(heartbeat.subscribe, heartbeat.getSnapshot)`.
 *
 * @param heartbeat - What `enableHeartbeat()` returned, or the heartbeat of one transport. `undefined` or `null` until there is one:
 * then, and while React renders on a server, the state is `pending`.
 *
 * @example
 * ```tsx
 * function ConnectionBadge({ heartbeats }: { heartbeats: DeviceHeartbeat | undefined }) {
 *   const state = useConnectionState(heartbeats);
 *
 *   return state === 'suspect' || state === 'dead' ? <p role="status">Unstable connection</p> : null;
 * }
 * ```
 */
export function useConnectionState(heartbeat: ConnectionSource | null | undefined): State {
  return useSyncExternalStore(
    heartbeat?.subscribe ?? subscribeToNothing,
    () => heartbeat?.getSnapshot().state ?? 'pending',
    getPending,
  );
}
