export {
  type DirectionQuality,
  type MediaLoss,
  type Quality,
  type QualityCause,
  type QualityInput,
  QualityMeter,
  type QualityRating,
} from './quality/QualityMeter.ts';
export {
  checkQualityArguments,
  QualityWatcher,
  type QualityWatcherEvents,
  type QualityWatcherHeartbeat,
  type QualityWatcherSurroundings,
} from './quality/QualityWatcher.ts';
