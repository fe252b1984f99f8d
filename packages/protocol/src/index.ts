export { BulkFlow } from './BulkFlow.ts';
export { type ChangeEvent, ChangeQueue } from './ChangeQueue.ts';
export type { Congestion } from './Congestion.ts';
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
export { AdaptiveArrivalDetector, createArrivalDetector } from './detector/AdaptiveArrivalDetector.ts';
export { AdaptiveDetector, createPingDetector } from './detector/AdaptiveDetector.ts';
export type {
  ArrivalDetector,
  Detector,
  DetectorOptions,
  Judgement,
  PingDetector,
} from './detector/Detector.ts';
export { type DetectorInput, resolveDetectorOptions } from './detector/options.ts';
export type { DetectorPreset } from './detector/presets.ts';
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
export { checkInterruption, INTERRUPTION, type Interruption } from './Interruptions.ts';
export {
  type Acceptance,
  type Descriptor,
  type DescriptorResult,
  negotiateVersion,
  readAcceptance,
  readDescriptor,
} from './negotiation.ts';
export { Prober, type ProberHost, type ProberOptions } from './Prober.ts';
export type { Reason, State, StateChange } from './Reason.ts';
export { type PeerReport, Responder, type ResponderHost, type ResponderOptions } from './Responder.ts';
export type { Evidence, LossStats, Outage, OutageStats, RttStats, Sample, Stats } from './Stats.ts';
export { fromWire, toWire } from './sequence.ts';
