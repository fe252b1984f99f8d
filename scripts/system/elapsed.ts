/** Time since `startedAt` (of Date.now()) as people read it. */
export function elapsed(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
