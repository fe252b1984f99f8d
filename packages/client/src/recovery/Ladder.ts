import type { RecoveryCause, RecoveryFailure } from '@mediasoup-heartbeat/protocol';
import { SLEEP } from '../networkHints.ts';
import type { RestartReason } from './RecoverOptions.ts';

/** What the ladder wants done. */
export type LadderStep =
  /** Makes the server's network stack say something, and reads the transport's counters. */
  | { type: 'probe' }
  /** Reads the counters only: a lost path is left alone. */
  | { type: 'read' }
  /** Restarts ICE with the parameters in use. To be followed by {@link Ladder.restarted} or {@link Ladder.notRestarted}. */
  | { type: 'restart'; cause: RecoveryCause }
  /** Asks the application for new parameters. To be followed by {@link Ladder.answered}. */
  | { type: 'ask'; reason: RestartReason; attempt: number }
  /** An authentic ping came after a restart. */
  | { type: 'recovered'; attempts: number; lostAt: number; restoredAt: number | undefined }
  | { type: 'failed'; reason: RecoveryFailure; attempts: number };

export type LadderOptions = {
  /** Whether ICE can be restarted without the server. */
  canRestart: boolean;
  /** Whether the application can be asked. */
  canAsk: boolean;
  /** After so long recovery is given up, in ms. */
  giveUpAfter: number;
  /** Whether it is libwebrtc that restarts. Firefox has no reason to wait for a rung, and every restart on a dead path is a risk there. */
  isLibwebrtc: boolean;
};

/**
 * The rungs after the first one, in ms since the path was lost. libwebrtc leaves a dead path by itself after 3.5 s, and a restart shortly
 * before that makes it begin anew. Before the first rung it may not know yet that an interface is gone.
 */
const RUNGS: readonly number[] = [2100, 3700];

/** A first restart that would come so late after the loss, in ms, waits for the rung at that place. */
const WAITS_FOR_RUNG: readonly (readonly [from: number, to: number])[] = [
  [1750, 2100],
  [2250, 3700],
];

/** Further restarts, in ms after the one before: browsers give a restart up after 15 s. */
const EVERY = 10_000;

/** The same in Firefox: there a second restart on a dead path ends the connection within seconds. After that nothing more can be lost. */
const EVERY_IN_FIREFOX = 27_000;
const EVERY_WITHOUT_CHANNEL = 5000;

/** No restart sooner than this after another one, in ms. After one that failed, or for the same kind of reason, it is longer. */
const APART = 300;
const RETRY_AFTER = 1000;
const LOOK_AGAIN_AFTER = 500;
const LOOK_AGAIN_WITHIN = 2000;
const HINTS_APART = 2000;

/** A restart of the application has this long, in ms. */
const APPLICATION_HAS = 3700;

/** The application is asked so long after the loss, in ms, and again so long after it has answered. */
const ASK_AFTER = 6000;
const ASK_AGAIN = 10_000;

/** Until a hint is out of date, in ms: it may come before the loss. */
const WATCH = 2000;

/**
 * How long a check takes, in ms: two round trips, within these bounds, but never less than one and a half. The counters lag behind by
 * up to 50 ms.
 */
const SHORTEST_CHECK = 100;
const LONGEST_CHECK = 500;
const COUNTERS_LAG = 50;

/** A check that concludes this late, in ms, is done again: what came meanwhile may not have been read yet. */
const STALLED = 50;

/**
 * A server answers a probe this late, in ms. One that hangs is not lost: its network stack acknowledges the probe, and may hold that back
 * for longer.
 */
const ANSWERED_AFTER = 50;
const ACKNOWLEDGED_AFTER = 200;

/** A path on which nothing came for this long, in ms, is silent: browsers check one every 2.5 s. */
const SILENT = 3000;

/** How often a path is probed on which something comes while the server is in doubt, in ms. */
const DOUBT_EVERY = 500;

/** How often the counters are read, in ms: while it matters when a packet comes, and later. */
const READ_EVERY = 100;
const READ_LATER = 500;
const READ_OFTEN_FOR = 15_000;

/** A check that found nothing waits this long for a doubt, in ms. */
const AWAITS_DOUBT = 3000;

const NEVER = Number.POSITIVE_INFINITY;

/**
 * When to restart ICE of one transport. It has no timers and no clock: inputs come with the time in ms, then the caller does what
 * {@link poll} says and calls {@link handleTimeout} at {@link nextTimeout}.
 *
 * A doubt and a hint are checked first: nothing is restarted while anything comes on the path. Then restarts follow on the rungs until
 * a ping proves the new path, or until recovery is given up.
 */
export class Ladder {
  readonly #options: LadderOptions;
  readonly #steps: LadderStep[] = [];
  #phase: 'idle' | 'checking' | 'away' | 'failed' = 'idle';
  #cause: RecoveryCause = 'silence';
  /** When the present phase began, or the check in it. */
  #since = 0;
  #isDoubted = false;
  /** Whether there is no channel for pings any more, which has been told. */
  #isMute = false;
  #watchUntil = Number.NEGATIVE_INFINITY;
  /** How long a check takes, and how long packets may be on their way until the counters show them, in ms. */
  #wait = 0;
  #inFlight = 0;
  /** How long a ping may have been on its way when a check began, in ms, and whether one has come that left later. */
  #oneWay = 0;
  #isAnswered = false;
  /** Whether the check before this one in the watch after a hint found nothing, and whether a late one is done again. */
  #isSecond = false;
  #isRepeated = false;
  /** When anything came on the path last. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #lostAt = 0;
  /** When the first packet came after the latest restart. */
  #restoredAt: number | undefined;
  /** Restarts that have begun since the loss. */
  #attempts = 0;
  /** How many of them in a row the browser has refused. */
  #refused = 0;
  /** How often in a row there was no network, or another restart came first. */
  #unwanted = 0;
  #asked = 0;
  #restartedAt = Number.NEGATIVE_INFINITY;
  /** Until then a restart of the application goes first. */
  #applicationUntil = Number.NEGATIVE_INFINITY;
  #hintedAt = Number.NEGATIVE_INFINITY;
  /** Whether a restart waits for its turn, and whether one has begun. */
  #isRestarting = false;
  #hasBegun = false;
  #checkAt = NEVER;
  #readAt = NEVER;
  #restartAt = NEVER;
  #askAt = NEVER;
  #giveUpAt = NEVER;

  constructor(options: LadderOptions) {
    this.#options = options;
  }

  /** Whether the path is lost, and being restored. */
  get isAway(): boolean {
    return this.#phase === 'away';
  }

  /** Whether nothing is wrong, as far as it knows. */
  get isIdle(): boolean {
    return this.#phase === 'idle';
  }

  /** What to do next. */
  poll(): LadderStep | undefined {
    return this.#steps.shift();
  }

  /** When to call {@link handleTimeout}. `Infinity`: not before another input. */
  get nextTimeout(): number {
    return Math.min(this.#checkAt, this.#readAt, this.#restartAt, this.#askAt, this.#giveUpAt);
  }

  /**
   * The heartbeat doubts the server, or ICE does.
   *
   * @param rtt - A usual round trip, in ms.
   */
  doubted(cause: RecoveryCause, rtt: number, now: number): void {
    this.#isDoubted = true;

    if (this.#phase === 'idle') {
      this.uneasy(rtt, now);
      this.#cause = cause;
    } else if (this.#phase === 'checking' && this.#checkAt === NEVER) {
      this.#conclude(now);
    }
  }

  /** Pings are missing. The check begins, so that it is over when the heartbeat doubts the server. */
  uneasy(rtt: number, now: number): void {
    if (this.#phase === 'idle') {
      this.#cause = 'silence';
      this.#check(rtt, ACKNOWLEDGED_AFTER, now);
    }
  }

  /**
   * The network may have changed.
   *
   * @param isSure - Whether the path cannot be what it was.
   */
  hinted(cause: RecoveryCause, isSure: boolean, rtt: number, now: number): void {
    if (!isSure && now - this.#hintedAt < HINTS_APART && this.#phase !== 'idle') {
      return;
    }

    this.#hintedAt = now;
    this.#cause = cause;

    if (this.#phase === 'away') {
      // After a sleep its time is over, but nothing has been tried in it.
      this.#giveUpAt = now + this.#options.giveUpAfter;
      this.#restartNotAfter(Math.max(now, this.#restartedAt + APART));
      this.handleTimeout(now);
    } else if (isSure) {
      this.#lose(now);
    } else {
      this.#watchUntil = now + WATCH;
      this.#check(rtt, ANSWERED_AFTER, now);
    }
  }

  /** The browser has given up the connection. */
  iceFailed(now: number): void {
    this.#cause = 'ice-failed';

    if (this.#phase === 'away') {
      this.#restartNotAfter(Math.max(now, this.#restartedAt + RETRY_AFTER));
    } else if (this.#phase !== 'failed') {
      this.#lose(now);
    }
  }

  /** The browser has closed the channel with its connection: no ping comes any more. The path is restored for the media. */
  channelLost(now: number): void {
    this.#isMute = true;

    if (!this.isAway) {
      this.#cause = 'ice-failed';
      this.#lose(now);
    }

    // The parameters in use do not bring back the media either. A question that has no answer yet is not repeated.
    if (this.#askAt !== NEVER) {
      this.#askAt = Math.min(this.#askAt, now);
    }

    this.#steps.push({ type: 'failed', reason: 'channel-lost', attempts: this.#attempts });
  }

  /** An authentic ping came. */
  pinged(now: number): void {
    this.#isDoubted = false;
    this.#isAnswered ||= now > this.#since + this.#oneWay;
    this.heard(now);

    if (this.#hasBegun) {
      // It came on the path as it was. The next one proves the new one.
    } else if (this.#attempts > 0) {
      this.#steps.push({
        type: 'recovered',
        attempts: this.#attempts,
        lostAt: this.#lostAt,
        restoredAt: this.#restoredAt,
      });
      this.#rest();
    } else if (this.#phase !== 'checking' || now >= this.#watchUntil) {
      this.#rest();
    }
  }

  /** By the transport's counters, something came at `at`. */
  heard(at: number): void {
    this.#heardAt = Math.max(this.#heardAt, at);

    if (this.isAway && this.#attempts > 0 && !this.#hasBegun && at > this.#restartedAt) {
      this.#restoredAt ??= at;
    }
  }

  /**
   * A restart begins: its turn has come.
   *
   * @returns the how manieth it is since the loss.
   */
  began(): number {
    this.#hasBegun = true;

    return ++this.#attempts;
  }

  /** ICE has been restarted. */
  restarted(now: number): void {
    this.#hasBegun = false;
    this.#isRestarting = false;
    this.#refused = this.#unwanted = 0;
    this.#restartedAt = now;
    this.#restoredAt = undefined;
    this.#plan(this.#nextRung(now));
  }

  /** ICE was not restarted: the browser refused, or there is no network, for example. It is tried again, ever less often. */
  notRestarted(isRefused: boolean, now: number): void {
    this.#hasBegun = false;
    this.#isRestarting = false;

    const after = isRefused
      ? Math.min(EVERY, RETRY_AFTER * 2 ** this.#refused++)
      : Math.min(LOOK_AGAIN_WITHIN, LOOK_AGAIN_AFTER * 2 ** this.#unwanted++);

    this.#plan(now + after);
  }

  /** The application has answered, whatever it said, or its time is over. */
  answered(now: number): void {
    this.#askAt = this.isAway ? now + ASK_AGAIN : NEVER;
  }

  /** The application has restarted ICE itself. */
  applicationRestarted(now: number): void {
    this.#restartedAt = now;
    this.#applicationUntil = now + APPLICATION_HAS;
    this.#plan(this.#restartAt);
  }

  /** Whether the application has just restarted ICE itself, and that may still help. */
  isApplicationsTurn(now: number): boolean {
    return now < this.#applicationUntil;
  }

  /** It is not the path that is at fault: a restart does not help. */
  stop(): void {
    this.#isDoubted = false;
    this.#rest();
  }

  /** The time of {@link nextTimeout} has come. */
  handleTimeout(now: number): void {
    const lateness = now - this.nextTimeout;

    if (this.isAway && lateness > SLEEP) {
      // The page did not run, so nothing was tried.
      this.#giveUpAt = Math.min(this.#giveUpAt + lateness, now + this.#options.giveUpAfter);
    }

    if (this.#phase === 'checking' && this.#checkAt === NEVER && now - this.#since >= AWAITS_DOUBT) {
      this.#rest();
    }

    if (now >= this.#readAt) {
      this.#steps.push({ type: 'read' });
      this.#readAt = now + this.#readEvery(now);
    }

    if (now >= this.#checkAt) {
      this.#conclude(now);
    } else if (now >= this.#giveUpAt && !this.#isBack(now)) {
      this.#fail('gave-up', now);
    } else if (this.isAway) {
      this.#climb(now);
    }
  }

  #readEvery(now: number): number {
    if (this.isAway) {
      return now - this.#since < READ_OFTEN_FOR ? READ_EVERY : READ_LATER;
    }

    return this.#isDoubted && this.#wait === DOUBT_EVERY ? READ_LATER / 2 : READ_EVERY / 2;
  }

  /** Checks the path, with an answer that may be held back for so many ms. */
  #check(rtt: number, held: number, now: number): void {
    this.#phase = 'checking';
    this.#wait = Math.max(SHORTEST_CHECK, Math.min(LONGEST_CHECK, 2 * rtt + held), 1.5 * rtt + COUNTERS_LAG);
    this.#isSecond = this.#isRepeated = false;
    this.#inFlight = Math.max(SHORTEST_CHECK / 2, Math.min(rtt, this.#wait / 2));
    this.#oneWay = Math.min(rtt, this.#wait / 2) / 2;
    this.#probe(now);
  }

  #probe(now: number): void {
    this.#since = now;
    this.#isAnswered = false;
    this.#checkAt = now + this.#wait;
    this.#readAt = now + this.#readEvery(now);
    this.#steps.push({ type: 'probe' });
  }

  /** A check is over. */
  #conclude(now: number): void {
    const isAlive = this.#isAnswered || this.#heardAt > this.#since + this.#inFlight;
    const isStalled = now - this.#checkAt > STALLED && !this.#isRepeated;

    this.#isRepeated = isStalled;

    if (!isAlive && isStalled) {
      this.#probe(now);
    } else if (!isAlive && (this.#isDoubted || this.#isSecond)) {
      this.#lose(now);
    } else if (!isAlive && this.#cause === 'silence') {
      this.#checkAt = NEVER;
    } else if (!isAlive) {
      // Of a hint alone: the probe or its answer may have been lost on a path that is well.
      this.#isSecond = true;
      this.#probe(now);
    } else if (this.#isDoubted || now < this.#watchUntil) {
      this.#wait = this.#isDoubted ? DOUBT_EVERY : this.#wait;
      this.#isSecond = false;
      this.#probe(now);
    } else {
      this.#rest();
    }
  }

  #lose(now: number): void {
    const { canRestart, canAsk, giveUpAfter } = this.#options;

    this.#phase = 'away';
    this.#since = now;
    this.#attempts = this.#refused = this.#unwanted = this.#asked = 0;
    this.#lostAt = this.#heardAt > Number.NEGATIVE_INFINITY ? this.#heardAt : now;
    this.#checkAt = NEVER;
    this.#readAt = now + READ_EVERY;
    this.#giveUpAt = now + giveUpAfter;
    this.#plan(this.#firstRung(now));
    this.#askAt = canRestart ? Math.max(this.#lostAt + ASK_AFTER, now + ASK_AFTER / 2) : now;

    if (!canAsk) {
      this.#askAt = NEVER;
    }

    if (!canRestart && !canAsk) {
      this.#fail('no-local-restart', now);
    } else {
      this.#climb(now);
    }
  }

  /** When the next restart is due, if the library can restart ICE, and the application has not just done it. */
  #plan(at: number): void {
    this.#restartAt = this.isAway && this.#options.canRestart ? Math.max(at, this.#applicationUntil) : NEVER;
  }

  #restartNotAfter(at: number): void {
    this.#plan(Math.min(this.#restartAt, at));
  }

  #firstRung(now: number): number {
    const age = now - this.#lostAt;
    const mayWait = this.#options.isLibwebrtc && this.#cause === 'silence';
    const rung = mayWait && WAITS_FOR_RUNG.find(([from, to]) => age >= from && age < to);

    return rung ? this.#lostAt + rung[1] : now;
  }

  #nextRung(now: number): number {
    if (!this.#options.isLibwebrtc) {
      return now + (this.#isMute ? EVERY_WITHOUT_CHANNEL : EVERY_IN_FIREFOX);
    }

    return RUNGS.map(after => this.#lostAt + after).find(at => at >= now + APART) ?? now + EVERY;
  }

  #climb(now: number): void {
    const { canRestart } = this.#options;

    if (this.#isBack(now)) {
      this.#giveUpAt = this.#postpone(this.#giveUpAt);

      if (this.#isMute) {
        this.#rest();

        return;
      }

      // The path is back. By SCTP's back-off it may take some seconds until pings are.
      this.#restartAt = this.#postpone(this.#restartAt);
      this.#askAt = this.#postpone(this.#askAt);
    }

    if (now >= this.#restartAt) {
      this.#restartAt = NEVER;

      if (!this.#isRestarting) {
        this.#isRestarting = true;
        this.#steps.push({ type: 'restart', cause: this.#cause });
      }
    }

    if (now >= this.#askAt) {
      this.#askAt = NEVER;
      this.#steps.push({
        type: 'ask',
        reason: canRestart ? 'still-silent' : 'no-local-restart',
        attempt: ++this.#asked,
      });
    }
  }

  /** Whether something comes on the path again. */
  #isBack(now: number): boolean {
    return this.#heardAt > Math.max(this.#restartedAt, this.#since) && now - this.#heardAt < SILENT;
  }

  #postpone(at: number): number {
    return at === NEVER ? NEVER : Math.max(at, this.#heardAt + SILENT);
  }

  #fail(reason: RecoveryFailure, now: number): void {
    const attempts = this.#attempts;

    this.#rest();
    this.#phase = 'failed';
    this.#since = now;
    this.#attempts = attempts;

    if (!this.#isMute) {
      this.#steps.push({ type: 'failed', reason, attempts });
    }
  }

  /** Nothing is to be done. */
  #rest(): void {
    this.#phase = 'idle';
    this.#attempts = 0;
    this.#asked = 0;
    this.#watchUntil = Number.NEGATIVE_INFINITY;
    this.#checkAt = this.#readAt = this.#restartAt = this.#askAt = this.#giveUpAt = NEVER;
  }
}
