/** Bytes between two looks, and bytes per ms, from which on a transfer is a bulk transfer. No heartbeat or RTCP is. */
const LEAST = 10_000;
const RATE = 4;

/** After so long, in ms, bytes are counted anew, and a bulk transfer that was seen is over: SCTP pauses after a loss. */
const WINDOW = 5000;

/** A look that is older than this, in ms, is compared with nothing. */
const FORGOTTEN_AFTER = 10_000;

/** Tells from the growth of a byte counter, looked at now and then, whether a bulk transfer is going on. */
export class BulkFlow {
  #bytes = 0;
  #at = Number.NEGATIVE_INFINITY;
  #seenAt = Number.NEGATIVE_INFINITY;

  /** The counter stands at `bytes`. Returns whether it has grown by a bulk transfer lately. */
  grewTo(bytes: number, now: number): boolean {
    const elapsed = now - this.#at;
    const grown = bytes - this.#bytes;
    const isBulk = elapsed <= FORGOTTEN_AFTER && grown >= Math.max(LEAST, RATE * elapsed);

    if (isBulk) {
      this.#seenAt = now;
    }

    if (isBulk || elapsed > WINDOW || grown < 0) {
      this.#bytes = bytes;
      this.#at = now;
    }

    return now - this.#seenAt <= WINDOW;
  }
}
