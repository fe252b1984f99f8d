/** A figure this improbable counts as wrong. It must not happen by chance in years of CI. */
const IMPROBABLE = 1e-7;

/**
 * Whether this number of hits fits a probability: the exact two-sided binomial test.
 *
 * @param extra - How many hits there may be besides.
 * @returns why not, or `undefined`
 */
export function unlikely(
  hits: number,
  trials: number,
  probability: number,
  extra: number,
): string | undefined {
  const below = cumulative(hits, trials, probability);
  const above = 1 - cumulative(hits - extra - 1, trials, probability);

  return below > IMPROBABLE && above > IMPROBABLE
    ? undefined
    : `${hits} of ${trials} at a probability of ${probability}`;
}

/** The probability of at most so many hits. */
function cumulative(hits: number, trials: number, probability: number): number {
  if (probability === 1) {
    return hits >= trials ? 1 : 0;
  }

  // By logarithms: with many trials the first terms are too small for a number.
  let term = trials * Math.log(1 - probability);
  let sum = hits < 0 ? 0 : Math.exp(term);

  for (let hit = 1; hit <= hits; hit++) {
    term += Math.log(((trials - hit + 1) / hit) * (probability / (1 - probability)));
    sum += Math.exp(term);
  }

  return sum;
}
