import { Loops } from '@mediasoup-heartbeat/protocol';
import { now } from './clock.ts';
import { emitToAll } from './emitToAll.ts';
import { localHealth } from './localHealth.ts';
import { SharedTimer } from './SharedTimer.ts';

/** The share of an interval between the phases of two heartbeats in a row: spreads any number of them evenly. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

let phases = 0;

/** The phase of one more heartbeat, above 0 and at most `interval`. All phases together are spread evenly. */
export function nextPhase(interval: number): number {
  return interval * (1 - ((phases++ * GOLDEN_RATIO) % 1));
}

/** The longest slot, in ms. */
const LONGEST_SLOT = 50;

/** An interval has at least as many slots: answers to pings that left together come together, and inflate each other's RTT. */
const FEWEST_SLOTS = 20;

/** And twice as many, again and again, while more pings than this share one: a worker sends them one after the other. */
const MOST_IN_SLOT = 16;

/** No slot is shorter than this, in ms: timers are late by some of it anyway. */
const SHORTEST_SLOT = 5;

/**
 * The length of a slot, in ms. The regular pings of many peers leave together in a slot: each slot wakes the process once. An interval is
 * a whole number of slots.
 *
 * @param heartbeats - How many there are.
 */
export function slotOf(interval: number, heartbeats: number): number {
  let slot = interval / Math.max(FEWEST_SLOTS, Math.round(interval / LONGEST_SLOT));

  while ((heartbeats * slot) / interval > MOST_IN_SLOT && slot >= 2 * SHORTEST_SLOT) {
    slot /= 2;
  }

  return slot;
}

/** What waits until this turn of the event loop has read its input. */
const waiting: (() => void)[] = [];

function runWaiting(): void {
  // Without what is added meanwhile: it waits for another turn.
  const callbacks = waiting.splice(0);

  try {
    for (let callback = callbacks.shift(); callback !== undefined; callback = callbacks.shift()) {
      callback();
    }
  } finally {
    // One has thrown. The others run nevertheless.
    if (callbacks.length > 0) {
      waiting.unshift(...callbacks);
      setImmediate(runWaiting);
    }
  }
}

/** The loops of all heartbeats of this process. */
export const loops = new Loops({
  now,

  createTimer: callback => new SharedTimer(callback),

  /**
   * In the check phase, after the event loop has polled for I/O. Node runs timers before I/O, so after a blocked loop a timer
   * would judge peers whose answers already wait in the socket. It is not unref()ed: an unref()ed immediate would not keep the
   * loop from blocking in its poll phase.
   */
  afterInput(callback) {
    if (waiting.push(callback) === 1) {
      setImmediate(runWaiting);
    }
  },

  stalled: duration => emitToAll(localHealth, 'stall', [{ duration, at: now() }]),

  /** A timer that fires later than this, in ms, was held up by a blocked event loop. */
  stall: 100,
});
