/** What is said of many times, in ms. */
export type Summary = { median: number; p99: number };

/** By nearest rank. */
export function summarize(times: readonly number[]): Summary {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.ceil(sorted.length * fraction) - 1] ?? Number.NaN;

  return { median: at(0.5), p99: at(0.99) };
}
