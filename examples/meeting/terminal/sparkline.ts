const BARS = [...'▁▂▃▄▅▆▇█'];

/** The latest values as a row of bars of the given width. A gap stands for a missing value. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const latest = values.slice(-width);
  const highest = Math.max(1, ...latest.map(value => value ?? 0));
  const bars = latest.map(value =>
    value === null ? '·' : BARS[Math.min(BARS.length - 1, Math.floor((value / highest) * BARS.length))],
  );

  return bars.join('').padStart(width);
}
