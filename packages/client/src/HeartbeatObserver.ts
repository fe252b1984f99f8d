import type { Stats } from '@mediasoup-heartbeat/protocol';

type Listen = {
  (event: 'stats', listener: (stats: Stats) => void): unknown;
  (event: 'statechange' | 'close', listener: () => void): unknown;
};

/**
 * What the entry points beside the main one need of a heartbeat's `observer`. By its shape, because the declarations of each entry point have a
 * class `EventEmitter` of their own.
 */
export type HeartbeatObserver = { on: Listen; off: Listen };
