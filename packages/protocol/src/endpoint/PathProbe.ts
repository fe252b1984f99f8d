import type { RttEstimator } from '../figures/RttEstimator.ts';
import { BulkFlow } from './BulkFlow.ts';

/** What a transport's own counters say, as the caller reads them. */
export type PathCounters = {
  /** How much has come on the path so far, of anything: bytes, path checks. A number that only grows. */
  received: number;
  /** Names the path in use. Counters of another path are not compared. Default: the path never changes. */
  path?: string;
  /** Bytes of the application's own data over the association so far, both ways. */
  data?: number;
  /** Whether frames of this side have not left it yet: its association is busy with something else. */
  waiting?: boolean;
};

/** How often the counters are read while they are wanted, in ms. The second time they can be compared. */
const PROBE_EVERY = 500;

/**
 * The path is silent when nothing came for this long, in ms. Browsers check a path every 2.5 s, and may hold an
 * acknowledgement back for 200 ms (RFC 9260 §6.2). A shorter gap says nothing.
 */
const SILENT_AFTER = 3000;

/**
 * Congestion that was seen may silence an association for this long, in ms, and in round trips. After a loss SCTP waits
 * for its retransmission timer, some round trips and more each time, and nothing moves meanwhile.
 */
const CONGESTED_LEAST = 10_000;
const CONGESTED_ROUND_TRIPS = 5;

/** Congestion explains a silence for this long, in ms. Beyond, a page that hangs in the middle of a transfer is suspected. */
const CONGESTED_MOST = 60_000;

/** A round trip this long while bulk moves waits in a queue, in ms. A shorter one may not have been seen yet. */
const LONG = 300;

/** How often the counters are read while nothing is wrong but a queue, in ms: to know what moves once answers are missing. */
const GLANCE_EVERY = 8000;

/**
 * What the transport itself says while signs of life are missing: whether it still receives anything, and whether frames
 * wait behind the application's own data.
 *
 * While a page or a server process hangs, its network stack goes on to acknowledge frames and to check the path, so the
 * counters grow. Once the path is cut they stand still. They are read only in doubt: a `getStats()` costs as much as a ping.
 */
export class PathProbe {
  /** Since the counters were read for the first time: of most peers they never are. */
  #flow: BulkFlow | undefined;
  #before: PathCounters | undefined;
  #isSilent = false;
  #aliveSince = Number.POSITIVE_INFINITY;
  #grewAt = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  #isWanted = false;
  #congestedUntil = Number.NEGATIVE_INFINITY;
  #isBusy = false;
  #glanceAt = Number.NEGATIVE_INFINITY;

  /** Whether, by the latest counters, the path is alive. Then the fault is the peer's own and not the network's. */
  get isAlive(): boolean {
    return this.#aliveSince < Number.POSITIVE_INFINITY;
  }

  /** Since when the path is alive while the peer is not heard. `Infinity`: it is not. */
  get aliveSince(): number {
    return this.#aliveSince;
  }

  /** Whether nothing at all has come for {@link SILENT_AFTER}. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Whether an answer is awaited. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** When it was asked for last. */
  get askedAt(): number {
    return this.#askedAt;
  }

  /** When to ask next. `Infinity`: an answer is awaited. */
  get askAt(): number {
    return this.#isAsking ? Number.POSITIVE_INFINITY : this.#askedAt + PROBE_EVERY;
  }

  /** There is an answer, whatever it says, or there will be none. */
  answered(): void {
    this.#isAsking = false;
  }

  /** When to glance at the counters next. */
  get glanceAt(): number {
    return this.#glanceAt;
  }

  /** Whether the application's data fills the path: each message of the other direction holds up SCTP's recovery. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Wants the counters. */
  ask(now: number): void {
    this.#isAsking = true;
    this.#isWanted = true;
    this.#askedAt = now;
  }

  /** Whether the caller has to read the counters now. */
  poll(): boolean {
    const wanted = this.#isWanted;

    this.#isWanted = false;

    return wanted;
  }

  /** Wants the counters only to see what moves. Nobody waits for the answer. */
  glance(now: number): void {
    this.#isWanted = true;
    this.#glanceAt = now + GLANCE_EVERY;
  }

  /**
   * Since when nothing but the peer explains a silence that began at `since`. In the future: frames still wait behind the
   * application's data, and their absence says nothing of the peer.
   */
  unexplainedSince(since: number): number {
    return Math.max(since, Math.min(this.#congestedUntil, since + CONGESTED_MOST));
  }

  /**
   * Takes the counters. The first ones are what later ones are compared with.
   *
   * @returns whether the path was heard since they were read last.
   */
  take(counters: PathCounters, rtt: RttEstimator, now: number): boolean {
    this.#flow ??= new BulkFlow();
    this.#isBusy = this.#flow.grewTo(counters.data ?? 0, now);

    if (!this.#isAsking) {
      return false;
    }

    const before = this.#before;
    // Fewer than before means that somebody counts anew: that takes life, too.
    const hasGrown =
      before !== undefined && before.path === counters.path && before.received !== counters.received;

    this.#isAsking = false;
    this.#before = counters;

    if (counters.waiting || (this.#isBusy && (rtt.isQueueing || rtt.present >= LONG))) {
      this.#congestedUntil = now + Math.max(CONGESTED_LEAST, CONGESTED_ROUND_TRIPS * rtt.present);
    }

    if (before === undefined || hasGrown) {
      this.#grewAt = now;
    }

    if (hasGrown) {
      this.#isSilent = false;
      this.#aliveSince = Math.min(this.#aliveSince, now);
    } else if (now - this.#grewAt >= SILENT_AFTER) {
      this.#isSilent = true;
      this.#congestedUntil = Number.NEGATIVE_INFINITY;
    }

    return hasGrown;
  }

  /** Pings that its stack would have acknowledged are not: the path is not alive any more. */
  notAcknowledged(): void {
    this.#aliveSince = Number.POSITIVE_INFINITY;
  }

  /** The peer itself was heard. The counters go on to be compared for as long as it is in doubt. */
  heard(now: number): void {
    this.notAcknowledged();
    this.#isSilent = false;
    this.#grewAt = now;
  }

  /** Nobody wants to know any more. What was seen of congestion stays. */
  reset(): void {
    this.#before = undefined;
    this.notAcknowledged();
    this.#isSilent = false;
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#isAsking = false;
  }

  /** Judging begins anew: what was seen of congestion is of the past, too. */
  begin(): void {
    this.reset();
    this.#congestedUntil = Number.NEGATIVE_INFINITY;
  }
}
