/** The time since `startedAt` (of Date.now()) in a readable form. */
export function elapsed(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
