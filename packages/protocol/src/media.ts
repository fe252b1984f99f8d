export {
  isStreamState,
  MEDIA_FLOW_OPTIONS,
  type MediaCounters,
  type MediaFlow,
  type MediaFlowInput,
  MediaFlowMeter,
  type MediaFlowOptions,
  type MediaRole,
  type MediaState,
  type StreamState,
} from './media/MediaFlowMeter.ts';
export { MediaPoll, type MediaPollSurroundings, type MediaPollWatcher } from './media/MediaPoll.ts';
export {
  checkMediaFlowArguments,
  MediaWatcher,
  type MediaWatcherEvents,
  type MediaWatcherHeartbeat,
  type MediaWatcherSurroundings,
} from './media/MediaWatcher.ts';
