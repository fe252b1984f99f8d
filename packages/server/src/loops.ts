import { Loops } from '@mediasoup-heartbeat/protocol';
import { now } from './clock.ts';

/** The share of an interval between the phases of two heartbeats in a row: spreads any number of them evenly. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

let phases = 0;

/** The phase of one more heartbeat, above 0 and at most `interval`. All phases together are spread evenly. */
export function nextPhase(interval: number): number {
  return interval * (1 - ((phases++ * GOLDEN_RATIO) % 1));
}

/** The loops of all heartbeats of this process. */
export const loops = new Loops({
  now,

  /** No timer keeps the process alive. */
  setTimer(callback, ms) {
    const timer = setTimeout(callback, Math.ceil(ms));

    timer.unref();

    return () => clearTimeout(timer);
  },

  /**
   * In the check phase, after the event loop has polled for I/O. Node runs timers before I/O, so after a blocked loop a timer
   * would judge peers whose answers already wait in the socket. It is not unref()ed: an unref()ed immediate would not keep the
   * loop from blocking in its poll phase.
   */
  afterInput: callback => void setImmediate(callback),

  /** A timer that fires later than this, in ms, was held up by a blocked event loop. */
  stall: 100,
});
