import type { RttEstimator } from './RttEstimator.ts';

/** What the transport says of the queues on the way of pings and pongs, where answers are missing. */
export type Congestion = {
  /** Frames of this half have not left it yet: its SCTP association is busy with something else. */
  waiting?: boolean;
  /** The application's data moves over the association. Where round trips are long by it, frames wait behind it. */
  bulk?: boolean;
};

/**
 * For how long congestion that was seen may silence an association, in ms, and in round trips: after a loss SCTP waits for
 * its retransmission timer, of some round trips and more each time, and nothing moves meanwhile.
 */
const LEAST = 10_000;
const ROUND_TRIPS = 5;

/** A round trip that is as long as this while bulk moves is so by a queue, in ms: nothing shorter may have been seen yet. */
const LONG = 300;

/** For how long the queues explain from now on that answers are missing, in ms. 0: they do not. */
export function congestedFor({ waiting = false, bulk = false }: Congestion, rtt: RttEstimator): number {
  const { present } = rtt;
  const isQueueing = rtt.queued > 0 || present >= LONG;

  return waiting || (bulk && isQueueing) ? Math.max(LEAST, ROUND_TRIPS * present) : 0;
}
