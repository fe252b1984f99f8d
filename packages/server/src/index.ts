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
  RttStats,
  Sample,
  Snapshot,
  State,
  StateChange,
  Stats,
} from '@mediasoup-heartbeat/protocol';
export { AnsweringHeartbeat, type AnsweringHeartbeatEvents } from './AnsweringHeartbeat.ts';
export type { AnswerOptions } from './AnswerOptions.ts';
export { answerHeartbeat } from './answerHeartbeat.ts';
export { attachHeartbeat } from './attachHeartbeat.ts';
export type { Cleanup, CloseOnDead } from './ClosePolicy.ts';
export { Heartbeat, type HeartbeatEvents } from './Heartbeat.ts';
export {
  createHeartbeatGroup,
  HeartbeatGroup,
  type HeartbeatGroupEvents,
  type HeartbeatGroupOptions,
  type PathChange,
} from './HeartbeatGroup.ts';
export type { HeartbeatOptions } from './HeartbeatOptions.ts';
export type { HeartbeatTransport } from './HeartbeatTransport.ts';
export {
  type LocalHealthEvents,
  type LocalHealthReport,
  type LocalStall,
  localHealth,
} from './localHealth.ts';
export { type ObserverEvents, observer } from './observer.ts';
