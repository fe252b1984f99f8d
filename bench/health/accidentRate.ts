import { FEWEST, SHARE } from '../../packages/protocol/src/endpoint/LocalHealth.ts';

/**
 * How often enough of some independent clients are silent at once: an upper bound, as it does not ask whether they fell silent within
 * two intervals. It happens when one client falls silent while enough others are.
 *
 * @param rate - How often one client falls silent, in any unit. The result is in the same unit.
 * @param share - The share of time in which it is silent.
 */
export function accidentRate(clients: number, rate: number, share: number): number {
  const needed = Math.ceil(SHARE * clients) - 1;

  return clients < FEWEST ? 0 : clients * rate * atLeast(needed, clients - 1, share);
}

/** The probability that at least `needed` of `all` independent events happen, each with probability `each`. */
function atLeast(needed: number, all: number, each: number): number {
  let sum = 0;
  let ways = 1;

  for (let happened = 0; happened <= all; happened++) {
    sum += happened >= needed ? ways * each ** happened * (1 - each) ** (all - happened) : 0;
    ways = (ways * (all - happened)) / (happened + 1);
  }

  return sum;
}
