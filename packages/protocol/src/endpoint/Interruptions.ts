import { type Frame, PauseCause } from '../frames.ts';
import { checkOption, milliseconds } from '../options.ts';
import { INSTANT } from './StallAdjustedClock.ts';

/** How long an interruption may be announced for by `expectInterruption()`, in ms, and the default. */
export const INTERRUPTION = { min: 100, max: 120_000, default: 10_000 } as const;

/**
 * Checks what an application gave to `expectInterruption()`.
 *
 * @throws TypeError where it is no number of ms within the range.
 */
export function checkInterruption(duration: unknown): void {
  const { min, max, default: standard } = INTERRUPTION;

  checkOption('expectInterruption(): duration', milliseconds(standard, min, max), duration);
}

/** One interruption that this side has announced. Only the caller that announced it can end it early. */
export type Interruption = {
  /** When it is over at the latest. */
  readonly until: number;
};

const NONE: readonly Interruption[] = [];

/** What the interruptions ask of their owner. */
export type InterruptionsHost = {
  /** Tells the peer of an announcement, or of its end. */
  send(frame: Frame): void;
  /** The last of them is over: judging begins anew. */
  interruptionsOver(now: number): void;
};

/**
 * The announced interruptions: any number of this side, and one of the peer. The state does not get worse until the latest of them is
 * over. Each is ended only by the side, and by the call, that announced it.
 *
 * All announcements since the peer's last proof of life count from the first one. So repeated announcements postpone a death by one
 * interruption only, however often ICE is restarted. [HB-PAUSE-4]
 */
export class Interruptions {
  readonly #host: InterruptionsHost;
  /** Replaced at each change: most peers never have one, and then it takes no memory. */
  #own = NONE;
  /** The one that our own ICE restart announced. A reconnect ends only this one. */
  #restart: Interruption | undefined;
  /** When the peer's is over. `Infinity`: it has announced none. */
  #peerUntil = Number.POSITIVE_INFINITY;
  /** When this side announced its first one since the peer's last proof of life. `undefined`: it has not since. */
  #ownSince: number | undefined;
  /** The same for the peer. `-Infinity`: a peer that has proven nothing yet may announce nothing. */
  #peerSince: number | undefined = Number.NEGATIVE_INFINITY;
  /** Until when the peer expects ours to last. */
  #toldUntil = Number.NEGATIVE_INFINITY;

  constructor(host: InterruptionsHost) {
    this.#host = host;
  }

  /** Whether one is going on, so that the state does not get worse. */
  get isHeld(): boolean {
    return this.nextAt < Number.POSITIVE_INFINITY;
  }

  /** When {@link expire} has to be called next. `Infinity`: none is going on. */
  get nextAt(): number {
    let next = this.#peerUntil;

    for (const { until } of this.#own) {
      next = Math.min(next, until);
    }

    return next;
  }

  /** Whether the peer has announced nothing since its last proof of life. */
  get peerMayAnnounce(): boolean {
    return this.#peerSince === undefined;
  }

  /** Announces one of our own, of at most `duration` ms, and tells the peer. */
  announce(duration: number, now: number): Interruption {
    // A clock that was set back must not make it longer.
    this.#ownSince = Math.min(this.#ownSince ?? now, now);

    const interruption = { until: this.#ownSince + duration };

    if (interruption.until > now) {
      this.#own = [...this.#own, interruption];
      this.#tell(now);
    }

    return interruption;
  }

  /** Announces the one of an ICE restart. A further restart is not one more, but takes its place. */
  announceRestart(duration: number, now: number): void {
    const before = this.#restart;

    this.#restart = this.announce(duration, now);

    // After the announcement, so that there is no gap between the two.
    if (before !== undefined) {
      this.end(before, now);
    }
  }

  /** Ends one of our own. If it is over already, nothing happens. */
  end(interruption: Interruption, now: number): void {
    if (this.#own.includes(interruption)) {
      this.#own = this.#own.filter(own => own !== interruption);
      this.#ended(now);
    }
  }

  /** The path is up again: what an ICE restart announced is over. */
  reconnected(now: number): void {
    if (this.#restart !== undefined) {
      this.end(this.#restart, now);
      this.#restart = undefined;
    }
  }

  /** The peer announces one of at most `duration` ms, which its receiver has bounded. [HB-PAUSE-3] */
  peerAnnounced(duration: number, now: number): void {
    this.peerPaused(now);

    const until = (this.#peerSince ?? now) + duration;

    if (until > now) {
      this.#peerUntil = this.#peerUntil < Number.POSITIVE_INFINITY ? Math.max(this.#peerUntil, until) : until;
    }
  }

  /** The peer announces silence of another kind. It counts as an announcement, too. */
  peerPaused(now: number): void {
    this.#peerSince = Math.min(this.#peerSince ?? now, now);
  }

  /** The peer says that what it announced is over. */
  peerResumed(now: number): void {
    if (this.#peerUntil < Number.POSITIVE_INFINITY) {
      this.#peerUntil = Number.POSITIVE_INFINITY;
      this.#ended(now);
    }
  }

  /** The peer was alive at `at`: later announcements count from their own time. */
  proven(at: number): void {
    if (this.#ownSince !== undefined && at >= this.#ownSince) {
      this.#ownSince = undefined;
    }

    if (this.#peerSince !== undefined && at >= this.#peerSince) {
      this.#peerSince = undefined;
    }
  }

  /** Ends those whose time is over. */
  expire(now: number): void {
    const due = now + INSTANT;

    if (due < this.nextAt) {
      return;
    }

    this.#own = this.#own.filter(({ until }) => until > due);

    if (this.#peerUntil <= due) {
      this.#peerUntil = Number.POSITIVE_INFINITY;
    }

    this.#ended(now);
  }

  /** Forgets all of them without telling anybody: the heartbeat is closed. */
  clear(): void {
    this.#own = NONE;
    this.#restart = undefined;
    this.#peerUntil = Number.POSITIVE_INFINITY;
  }

  #tell(now: number): void {
    const until = Math.max(now, ...this.#own.map(own => own.until));

    // The latest of all, also where it has been told before: that frame may have been lost.
    this.#toldUntil = Math.max(this.#toldUntil, until);
    this.#host.send({
      type: 'paused',
      cause: PauseCause.Interruption,
      duration: Math.round(until - now),
    });
  }

  #ended(now: number): void {
    if (this.#own.length === 0 && this.#toldUntil > now) {
      this.#toldUntil = Number.NEGATIVE_INFINITY;
      this.#host.send({ type: 'resumed', cause: PauseCause.Interruption });
    }

    if (!this.isHeld) {
      this.#host.interruptionsOver(now);
    }
  }
}
