// The public types of this package. Written by `npm run api`; do not edit.
import { DeviceHeartbeat, TransportHeartbeat, Snapshot, State, Stats } from '@mediasoup-heartbeat/client';
import { Quality } from '@mediasoup-heartbeat/client/quality';
declare function useConnectionQuality(heartbeat: DeviceHeartbeat | TransportHeartbeat | null | undefined): Quality;
type ConnectionSource = {
    readonly subscribe: (listener: () => void) => () => void;
    readonly getSnapshot: () => Snapshot;
};
declare function useConnectionState(heartbeat: ConnectionSource | null | undefined): State;
declare function useHeartbeatStats(heartbeat: TransportHeartbeat | null | undefined): Stats | undefined;
declare function useHeartbeatStats<Part>(heartbeat: TransportHeartbeat | null | undefined, select: (stats: Stats) => Part): Part | undefined;
declare function useTransportHeartbeats(heartbeats: DeviceHeartbeat | null | undefined): readonly TransportHeartbeat[];
export { useConnectionQuality, useConnectionState, useHeartbeatStats, useTransportHeartbeats };
export type { ConnectionSource };
