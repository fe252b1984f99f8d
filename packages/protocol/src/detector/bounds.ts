import type { DetectorOptions, FailureDetector } from './FailureDetector.ts';

/** Suspicion: P(silence | alive) ≤ e^-10. At a ping a second e^-8.2 would be once an hour. */
export const SUSPICION_WEIGHT = 10;

/**
 * Death: P(silence | alive) ≤ e^-16. Once in 1,000 hours of a ping a second is e^-15.1. The rest makes up for a hazard
 * that is averaged over a silence, which overrates the end of the silence.
 */
export const DEATH_WEIGHT = 16;

/** After a local stall, and after the longest outage, a worse state takes this many new misses. */
const NEW_MISSES = 3;

/** Nobody is dead before the transport's counters were read twice, 500 ms apart, in ms. It matters if the bounds are tight. */
const PATH_PROBE_TAKES = 700;

/**
 * The silence after which a peer is suspect however poor its link is: as long before its death as `suspectAfter` is
 * before `deadAfter`.
 */
export function suspectAtLatest(bounds: DetectorOptions): number {
  const { suspectAfter, deadAfter, deadAtLatest, unresponsiveAfter } = bounds;

  return Math.min(deadAtLatest, unresponsiveAfter) - (deadAfter - suspectAfter);
}

/** Whether the evidence is enough for suspicion. `newMisses` counts the misses since the last local stall. */
export function isSuspect(
  { peer }: FailureDetector,
  bounds: DetectorOptions,
  newMisses: number,
  now: number,
): boolean {
  const isProven = newMisses >= NEW_MISSES && peer.weight >= SUSPICION_WEIGHT;

  return newMisses > 0 && now - peer.since >= (isProven ? bounds.suspectAfter : suspectAtLatest(bounds));
}

/**
 * Whether the evidence is enough for death. `probedAt` is when the transport was first read in this silence,
 * `unexplainedSince` since when no queue explains it.
 */
export function isDead(
  { path }: FailureDetector,
  bounds: DetectorOptions,
  newMisses: number,
  probedAt: number,
  unexplainedSince: number,
  now: number,
): boolean {
  const silentFor = now - path.since;
  const isProven =
    silentFor >= bounds.deadAfter &&
    now - probedAt >= PATH_PROBE_TAKES &&
    Math.min(path.afterOutage.missed, newMisses) >= NEW_MISSES &&
    path.afterOutage.weight >= DEATH_WEIGHT &&
    path.weight >= DEATH_WEIGHT;

  return (
    newMisses > 0 &&
    (isProven ||
      (silentFor >= bounds.deadAtLatest && path.missed > 0) ||
      now - unexplainedSince >= bounds.unresponsiveAfter)
  );
}
