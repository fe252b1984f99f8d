/**
 * The time in ms since the epoch by a clock that never jumps: the monotonic clock, set to the wall clock
 * once, when the process started. Every time of this package comes from here.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
