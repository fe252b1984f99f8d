/**
 * The time in ms since the epoch by a clock that never jumps: the monotonic clock, set to the wall clock
 * once, when the page was loaded. Every time of this package comes from here.
 */
export function now(): number {
  // React Native has performance.now(), but no timeOrigin: its times count from the start of the process.
  return (performance.timeOrigin ?? 0) + performance.now();
}
