/** Which pings a peer has seen: what a pong says in `seen`. */
export class SeenPings {
  #newest: number | undefined;
  #seen = 0;

  /** A ping has arrived. Returns which of the 32 before it have, the latest in bit 0. */
  take(seq: number): number {
    const ahead = this.#newest === undefined ? 0 : (seq - this.#newest) & 0xffff;

    // One that was overtaken knows less than the one before: no bit is certain but its own.
    if (ahead > 0x7fff) {
      return 0;
    }

    this.#seen = ahead > 32 ? 0 : ahead === 0 ? this.#seen : ((this.#seen * 2 + 1) * 2 ** (ahead - 1)) >>> 0;
    this.#newest = seq;

    return this.#seen;
  }
}
