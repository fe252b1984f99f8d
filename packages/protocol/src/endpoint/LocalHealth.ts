/** At least this many live peers, of which at least this share falls silent at the same moment. */
export const FEWEST = 8;
export const SHARE = 0.75;

/** The same moment: within this many intervals. Each peer is heard about once an interval. */
const WITHIN_INTERVALS = 2;

/** How long a count is valid, in ms: when a thousand peers ask at once, silences are counted once. */
const COUNTED_FOR = 50;

/** What a change of local health looks like to the operator. */
export type HealthChange = {
  /** Whether this side is well. `false`: its own network is the likely cause of many silences. */
  isWell: boolean;
  /** Live peers, and how many of them are silent. */
  peers: number;
  silent: number;
  /** When, in ms (see `StateChange.at`). */
  at: number;
};

/**
 * The health of the judging side, as far as its peers show it. If most peers of one worker, or of the process, fall silent at the same
 * moment, the likely cause is the server's own network, and not so many deaths. Lifeguard (Dadgar et al. 2018) calls this local health
 * awareness; it looks at missing acknowledgements one by one.
 *
 * Peers enter and leave, and say when they fall silent and when they are heard, by the caller's clock.
 */
export class LocalHealth {
  /** When each live peer was heard last, if it is silent. `undefined`: it is not. */
  readonly #peers = new Map<object, number | undefined>();
  readonly #changed: (change: HealthChange) => void;
  #isWell = true;
  /** The latest time at which most peers were silent. */
  #silentAt = Number.NEGATIVE_INFINITY;
  /** By the peer that is pinged least often. */
  #window = 0;
  #countedAt = Number.NEGATIVE_INFINITY;

  /** @param changed - Called at each change, with figures for the operator. Must not throw. */
  constructor(changed: (change: HealthChange) => void = () => {}) {
    this.#changed = changed;
  }

  /** A peer is heard: it is live. */
  heard(peer: object, now: number): void {
    this.#peers.set(peer, undefined);

    // Otherwise nobody might ask for long, and the operator would not be told.
    if (!this.#isWell) {
      this.isWell(now);
    }
  }

  /** A live peer has fallen silent. It was heard last at `since`, and is pinged once in `interval` ms if all is well. */
  fellSilent(peer: object, since: number, interval: number): void {
    if (this.#peers.has(peer)) {
      this.#peers.set(peer, since);
      this.#window = Math.max(this.#window, WITHIN_INTERVALS * interval);
    }
  }

  /** A peer is gone by its own word or its transport's, or is not judged any more. */
  leave(peer: object): void {
    this.#peers.delete(peer);
  }

  /** Whether this side is well as of now. */
  isWell(now: number): boolean {
    if (now - this.#countedAt >= COUNTED_FOR || now < this.#countedAt) {
      this.#count(now);
    }

    return this.#isWell;
  }

  #count(now: number): void {
    const before = this.#isWell;
    const since = [...this.#peers.values()].filter(at => at !== undefined).sort((a, b) => a - b);
    const { size } = this.#peers;

    this.#countedAt = now;

    if (size >= FEWEST && mostWithin(since, this.#window) >= SHARE * size) {
      this.#silentAt = now;
    }

    // When a network comes back, its peers are heard one after the other. So the last ones get the same time again.
    this.#isWell = now - this.#silentAt >= Math.max(this.#window, COUNTED_FOR);

    if (this.#isWell !== before) {
      this.#changed({ isWell: this.#isWell, peers: this.#peers.size, silent: since.length, at: now });
    }
  }
}

/** The most of these ascending times that lie within a window. */
function mostWithin(times: readonly number[], window: number): number {
  let most = 0;
  let first = 0;

  for (const [index, time] of times.entries()) {
    while (time - (times[first] as number) > window) {
      first++;
    }

    most = Math.max(most, index - first + 1);
  }

  return most;
}
