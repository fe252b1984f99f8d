export { type ClosePlan, CloseSchedule } from './cleanup/CloseSchedule.ts';
export { groupVerdict, type Member } from './cleanup/groupVerdict.ts';
export { decodeFrame, encodeFrame } from './codec.ts';
export {
  CHANNEL_LABEL,
  INTERVAL,
  MAX_FRAME_BYTES,
  MAX_HOLD,
  MAX_STREAM_ID,
  MAX_TICKS,
  PROTOCOL_VERSION,
  STREAM_OPTIONS,
  SUPPORTED_VERSIONS,
  TICKS_PER_MS,
} from './constants.ts';
export { AdaptiveDetector, createAdaptiveDetector } from './detector/AdaptiveDetector.ts';
export type {
  DetectorOptions,
  FailureDetector,
  FailureDetectorFactory,
  PathSilence,
  Silence,
} from './detector/FailureDetector.ts';
export {
  DETECTOR_OPTIONS,
  type DetectorInput,
  resolveDetectorOptions,
} from './detector/options.ts';
export type { DetectorPreset } from './detector/presets.ts';
export { type ChangeEvent, ChangeTeller } from './endpoint/ChangeTeller.ts';
export { ClientEndpoint, type ClientEndpointOptions, type PeerReport } from './endpoint/ClientEndpoint.ts';
export type { Endpoint, EndpointEvent } from './endpoint/Endpoint.ts';
export {
  EndpointLoop,
  type HeartbeatEvents,
  type LoopOwner,
  Loops,
  type LoopTimer,
  type Surroundings,
} from './endpoint/EndpointLoop.ts';
export { INTERRUPTION, type Interruption } from './endpoint/Interruptions.ts';
export { type HealthChange, LocalHealth } from './endpoint/LocalHealth.ts';
export type { PathCounters } from './endpoint/PathProbe.ts';
export { type Fellow, PeerGroup } from './endpoint/PeerGroup.ts';
export { ServerEndpoint, type ServerEndpointOptions } from './endpoint/ServerEndpoint.ts';
export { SIGNALS, type Signal, TRANSITIONS } from './endpoint/transitions.ts';
export { FrameError, type FrameErrorCode } from './FrameError.ts';
export {
  type Frame,
  type FrameType,
  type Goodbye,
  GoodbyeCause,
  type Hello,
  LAYOUTS,
  type Layout,
  PauseCause,
  type Paused,
  type Ping,
  type Pong,
  REPORT_STATES,
  type Report,
  type Resumed,
  UNKNOWN_LOSS,
} from './frames.ts';
export { before, listen, override, overrideProperty, type Undo } from './hooks.ts';
export {
  type Acceptance,
  type Descriptor,
  type DescriptorResult,
  negotiateVersion,
  readAcceptance,
  readDescriptor,
} from './negotiation.ts';
export {
  COMMON_OPTIONS,
  checkOption,
  checkOptionNames,
  flag,
  isObject,
  milliseconds,
  type Option,
  type OptionTable,
  type OptionValues,
  option,
  optionValues,
  show,
} from './options.ts';
export type { Reason, Snapshot, State, StateChange } from './Reason.ts';
export type { Recovered, Recovering, RecoveryCause, RecoveryFailed, RecoveryFailure } from './Recovery.ts';
export type { Evidence, LossStats, Outage, OutageStats, RttStats, Sample, Stats } from './Stats.ts';
export { fromWire, toWire } from './sequence.ts';
