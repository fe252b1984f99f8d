'use client';

export { useConnectionQuality } from './useConnectionQuality.ts';
export { type ConnectionSource, useConnectionState } from './useConnectionState.ts';
export { useHeartbeatStats } from './useHeartbeatStats.ts';
export { useTransportHeartbeats } from './useTransportHeartbeats.ts';
