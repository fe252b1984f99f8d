/** A timer of {@link later}. */
export type Timer = ReturnType<typeof setTimeout>;

/** A timeout that does not keep a Node process running. */
export function later(work: () => void, after: number): Timer {
  const timer = setTimeout(work, after);

  // In a browser it is a number.
  (timer as { unref?: () => void }).unref?.();

  return timer;
}
