export type {
  Acceptance,
  Descriptor,
  DetectorInput,
  DetectorOptions,
  DetectorPreset,
  Evidence,
  FailureDetector,
  FailureDetectorFactory,
  FrameError,
  FrameErrorCode,
  LossStats,
  Outage,
  OutageStats,
  PeerReport,
  Reason,
  Recovered,
  Recovering,
  RecoveryCause,
  RecoveryFailed,
  RecoveryFailure,
  RttStats,
  Sample,
  Snapshot,
  State,
  StateChange,
  Stats,
} from '@mediasoup-heartbeat/protocol';
export type { ClientHeartbeatOptions } from './ClientHeartbeatOptions.ts';
export { DeviceHeartbeat, type DeviceHeartbeatEvents } from './DeviceHeartbeat.ts';
export { EventEmitter } from './EventEmitter.ts';
export { enableHeartbeat } from './enableHeartbeat.ts';
export type { RecoverOptions, RestartReason, RestartRequest } from './recovery/RecoverOptions.ts';
export { TransportHeartbeat, type TransportHeartbeatEvents } from './TransportHeartbeat.ts';
