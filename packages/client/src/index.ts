export type {
  Descriptor,
  DetectorPreset,
  Evidence,
  FrameError,
  FrameErrorCode,
  LossStats,
  PeerReport,
  Reason,
  RttStats,
  Sample,
  State,
  StateChange,
  Stats,
} from '@mediasoup-heartbeat/protocol';
export type { ClientHeartbeatOptions } from './ClientHeartbeatOptions.ts';
export { DeviceHeartbeat, type DeviceHeartbeatEvents } from './DeviceHeartbeat.ts';
export { EventEmitter } from './EventEmitter.ts';
export { enableHeartbeat } from './enableHeartbeat.ts';
export { TransportHeartbeat, type TransportHeartbeatEvents } from './TransportHeartbeat.ts';
