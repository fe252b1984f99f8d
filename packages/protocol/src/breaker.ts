export { BreakerPoll, type BreakerSurroundings } from './breaker/BreakerPoll.ts';
export {
  type BreakerAdvice,
  type BreakerChange,
  type BreakerEvidence,
  type BreakerFigures,
  type BreakerOptions,
  type BreakerRule,
  type BreakerState,
  CircuitBreaker,
  type SenderReading,
} from './breaker/CircuitBreaker.ts';
