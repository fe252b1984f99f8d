/**
 * The time in ms since the epoch by the monotonic clock, like the times that heartbeats report. `Date.now()` may jump:
 * it differs by every step of the wall clock since the process started.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
