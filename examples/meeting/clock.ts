/**
 * The time in ms since the epoch by the monotonic clock, as of the times that heartbeats tell. `Date.now()` may jump,
 * and differs from it by what the wall clock was set since the process started.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
