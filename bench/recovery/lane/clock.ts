/** In ms since the epoch, by a clock that is never set. Pages on this machine have the same. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
