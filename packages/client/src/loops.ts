import { Loops } from '@mediasoup-heartbeat/protocol';
import { now } from './clock.ts';
import { later, type Timer } from './timer.ts';

/** A timer that fires later than this, in ms, was held up: the main thread was blocked, or the page frozen. */
const STALL = 250;

/**
 * A hidden page's timers fire at whole seconds, which is no stall. Some browsers let them fire once a minute. Of such a delay this
 * much does not count as a stall.
 */
const HIDDEN_STALL = 1500;

/**
 * Makes the loops of all heartbeats of a device.
 *
 * @param isHidden - Whether the page is in the background.
 * @param stalled - Told of each time in which the page did not run, in ms.
 */
export function createLoops(isHidden: () => boolean, stalled: (duration: number) => void = () => {}): Loops {
  return new Loops({
    now,
    stalled,

    createTimer(callback) {
      let timer: Timer | undefined;
      const clear = () => clearTimeout(timer);

      return {
        set(ms) {
          clear();
          timer = later(callback, ms);
        },
        clear,
      };
    },

    afterInput(callback, wasHeldUp) {
      if (wasHeldUp && !isHidden()) {
        // What came meanwhile is queued after this timer.
        later(callback, 0);
      } else {
        callback();
      }
    },

    get stall() {
      return isHidden() ? HIDDEN_STALL : STALL;
    },

    get isThrottled() {
      return isHidden();
    },
  });
}
