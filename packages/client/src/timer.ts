/** A timer of {@link later}. */
export type Timer = ReturnType<typeof setTimeout>;

/** A timeout that keeps no Node process running: all that a heartbeat waits for can be left undone when that ends. */
export function later(work: () => void, after: number): Timer {
  const timer = setTimeout(work, after);

  // In a browser it is a number.
  (timer as { unref?: () => void }).unref?.();

  return timer;
}
