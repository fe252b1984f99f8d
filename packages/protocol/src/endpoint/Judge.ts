import { DEATH_WEIGHT, isDead, isSuspect } from '../detector/bounds.ts';
import type { DetectorOptions, FailureDetector } from '../detector/FailureDetector.ts';
import { RttEstimator } from '../figures/RttEstimator.ts';
import type { Reason, State, StateChange } from '../Reason.ts';
import type { Evidence } from '../Stats.ts';
import { PathProbe } from './PathProbe.ts';
import { INSTANT, StallAdjustedClock } from './StallAdjustedClock.ts';
import { StateMachine } from './StateMachine.ts';
import { TimerTable } from './TimerTable.ts';
import * as Timer from './timers.ts';
import type { Signal } from './transitions.ts';

/** What differs between the two sides besides what they hold. */
export type Side = {
  /** Why a peer is alive that was never heard before. */
  first: Reason;
  /** Why a peer is suspect or dead whose network stack still answers. */
  unresponsive: Reason;
  /** A call this much later than it was due means a local stall that nobody reported, or a step of the clock, in ms. */
  unreportedStall: number;
  /** Frames per second that an honest peer sends of its own accord at most. [HB-SEC-3] */
  unaskedFrames: number;
};

/** What waited during a local stall is read within this time after it, in ms. */
const DRAINED_AFTER = 200;

/** A path that is back carries frames again after this long at most, in ms: by then SCTP tries again, however long the silence was. */
const RESTORED_WITHIN = 15_000;

/** Misses in a row before the transport's counters are read. */
export const PROBE_AFTER = 2;

/**
 * The path of a suspect peer has to be alive for this long, in ms, before a missing answer is the peer's own fault: when a cut path
 * returns, the first bytes come just before the first answers.
 */
const UNRESPONSIVE_AFTER = 1000;

/** The most that `evidence.suspicion` says of a peer that is not dead. */
const NOT_YET_DEAD = 0.99;

/**
 * What an endpoint concludes: it counts misses, weighs the evidence of the failure detector against the bounds, and gives the
 * state machine its signals. Everything else an endpoint does is in `Endpoint`, which builds on this. What only a server takes into
 * account is in `ServerJudge`.
 *
 * All times are of the endpoint's own clock, which stands still in local stalls.
 */
export abstract class Judge {
  protected readonly side: Side;
  protected readonly bounds: DetectorOptions;
  protected readonly detector: FailureDetector;
  protected readonly clock = new StallAdjustedClock();
  protected readonly timers = new TimerTable();
  protected readonly rtt = new RttEstimator();
  protected readonly path = new PathProbe();
  /** Whether signs of life are expected, and judged by. */
  protected judging = false;
  /** Signs of life since the peer was last in doubt, with no miss between them. */
  protected returns = 0;
  /** Why the peer is in doubt, where something more telling than silence is known. */
  protected doubtedFor: Reason | undefined;
  /** Misses since the last local stall. */
  protected newMisses = 0;
  readonly #machine = new StateMachine();
  /** How many of {@link returns} make the peer alive. */
  #returnsNeeded = 1;
  #lastSeenAt: number | undefined;
  /** When the state changed last. */
  #stateSince = 0;
  /** The path has come back, and brings the peer's frames before this time. `undefined`: not since the peer was heard. */
  #restoredUntil: number | undefined;
  /** What waited during the last local stall is read by this time. */
  #drainedAt = Number.NEGATIVE_INFINITY;
  /** When the transport was first to be read in the present silence. */
  #probedAt = 0;

  protected constructor(side: Side, bounds: DetectorOptions, detector: FailureDetector, now: number) {
    this.side = side;
    this.bounds = bounds;
    this.detector = detector;
    this.clock.at(now);
  }

  /** The state, see `State`. */
  get state(): State {
    return this.#machine.state;
  }

  /** Why it is in its state, see `Reason`. */
  get reason(): Reason {
    return this.#machine.reason;
  }

  /** Whether a dead peer has answered since it died, though not often enough to be alive. */
  get isReturning(): boolean {
    return this.state === 'dead' && this.returns > 0;
  }

  /** This process did not run between `from` and `to`, by the caller's clock. What came meanwhile may still be unread. */
  abstract handleStall(from: number, to: number): void;

  // What a side adds

  /** When the next expected sign of life is overdue. `Infinity`: none is expected. */
  protected abstract get overdueAt(): number;
  /** Takes a sign of life off that is overdue. Returns when it was asked for. */
  protected abstract takeOverdue(): number;
  /** Expects signs of life from now on. */
  protected abstract expect(time: number): void;
  /** What is expected now may have waited during a local stall: its absence, or lateness, proves nothing. */
  protected abstract forgetExpected(drainedAt: number): void;
  /** How many signs of life it takes to make a doubted peer alive. */
  protected abstract returnsFor(state: State): number;
  /** Whether a doubted peer has to return anew after missing what was asked for at `askedAt`. */
  protected abstract endsReturn(askedAt: number, time: number): boolean;
  /** Whether an interruption is announced, so that no verdict gets worse. */
  protected abstract get isHeld(): boolean;
  /** The state or its reason changed. */
  protected abstract changed(change: StateChange, time: number): void;

  // What an endpoint uses

  /** Forgets what was missed, keeps what was learned, and judges from now on. */
  protected judgeAnew(time: number): void {
    this.judging = true;
    this.returns = 0;
    this.#returnsNeeded = 1;
    this.newMisses = 0;
    this.path.begin();
    this.detector.begin(time);
    this.expect(time);
  }

  protected stopJudging(): void {
    this.judging = false;
  }

  /** The peer was heard by an authentic frame, which proves life where the endpoint judges. */
  protected heard(time: number): void {
    const reading = this.clock.reading(time);

    this.#lastSeenAt = Math.max(reading, this.#lastSeenAt ?? reading);
  }

  /** That frame is a sign of life that was expected. See {@link FailureDetector.heard}. */
  protected proven(time: number, provenAt: number, inTime: boolean): void {
    this.detector.heard(time, provenAt, inTime);
    this.path.heard(time);

    if (this.state !== 'alive' && ++this.returns < this.#returnsNeeded) {
      return;
    }

    this.doubtedFor = undefined;
    this.#restoredUntil = undefined;
    this.signal('proof', this.#machine.wasAlive ? 'recovered' : this.side.first, time);
  }

  /** The peer is in doubt for a reason more telling than silence. */
  protected doubt(reason: Reason, time: number): void {
    this.doubtedFor = reason;
    this.returns = 0;

    if (!this.isHeld) {
      this.signal('suspicion', reason, time);
    }
  }

  /**
   * The path of a silent peer is back. Only the first time since the peer was heard counts, so nobody stays alive by that. [HB-JUDGE-6]
   */
  protected restored(time: number): void {
    this.#restoredUntil ??= time + RESTORED_WITHIN;
  }

  /** Gives the state machine a signal. */
  protected signal(signal: Signal, reason: Reason, time: number): void {
    const now = this.clock.reading(time);
    const change = this.#machine.signal(signal, reason, now, this.silentFor(now));

    if (change === undefined) {
      return;
    }

    if (change.state !== change.previous) {
      this.#stateSince = time;
      this.returns = 0;
      this.#returnsNeeded = this.returnsFor(change.state);
    }

    this.changed(change, time);
  }

  /** Misses in a row. */
  protected get missed(): number {
    return this.detector.peer.missed;
  }

  /** Whether the peer is dead, and silent for so long that it is pinged at the regular pace only. */
  protected isGivenUp(time: number): boolean {
    return this.state === 'dead' && time - this.detector.peer.since >= this.bounds.deadAtLatest;
  }

  /** Whether a queue explains the silence: frames wait behind the application's own data. */
  protected isCongested(time: number): boolean {
    return time + INSTANT < this.#unexplainedSince;
  }

  get #unexplainedSince(): number {
    return this.path.unexplainedSince(this.detector.peer.since);
  }

  protected silentFor(now: number): number {
    return this.#lastSeenAt === undefined ? 0 : Math.max(0, now - this.#lastSeenAt);
  }

  /** Since when the peer is, without a break, neither dead nor waited for. */
  protected get upSince(): number | undefined {
    return this.#machine.upSince;
  }

  /** When the peer was heard last, by the caller's clock. */
  protected get lastSeenAt(): number | undefined {
    return this.#lastSeenAt;
  }

  protected evidence(deadline: number): Evidence {
    const { isAlive, isSilent } = this.path;
    const heard = isAlive ? 'carries' : 'unknown';

    return {
      missed: this.missed,
      deadline,
      suspicion: this.#suspicion(),
      path: isSilent ? 'silent' : heard,
    };
  }

  #suspicion(): number {
    if (!this.judging) {
      return 0;
    } else if (this.state === 'dead' && this.returns === 0) {
      return 1;
    }

    const { weight, since } = this.detector.path;
    const lasted = (this.clock.latest - since) / this.bounds.deadAfter;

    return Math.min(NOT_YET_DEAD, weight / DEATH_WEIGHT, lasted);
  }

  /** Counts what is missed by now, and draws the conclusions. */
  protected assess(time: number): void {
    if (!this.judging) {
      return;
    }

    this.countOverdue(time);

    if (this.countsMisses(time)) {
      this.conclude(time);
    }
  }

  /** Draws the conclusions from misses that prove something. */
  protected conclude(time: number): void {
    if (
      this.state === 'suspect' ||
      (this.state === 'alive' && !this.isCongested(time) && this.provesDoubt(time))
    ) {
      this.signal(this.isOver(time) ? 'silence' : 'suspicion', this.blame(time), time);
    }
  }

  /** Whether the evidence is enough for suspicion. */
  protected provesDoubt(time: number): boolean {
    return isSuspect(this.detector, this.bounds, this.newMisses, time);
  }

  /** Whether the evidence is enough for death. */
  protected provesDeath(time: number): boolean {
    return isDead(this.detector, this.bounds, this.newMisses, this.#probedAt, this.#unexplainedSince, time);
  }

  /** Whether the evidence is enough for death, and nothing that is known puts it off. */
  protected isOver(time: number): boolean {
    return time >= (this.#restoredUntil ?? 0) && this.provesDeath(time);
  }

  /** Counts what is missed by now. */
  protected countOverdue(time: number): void {
    while (time + INSTANT >= Math.max(this.overdueAt, this.#drainedAt)) {
      const askedAt = this.takeOverdue();

      this.miss(askedAt, time);

      if (this.endsReturn(askedAt, time)) {
        this.returns = 0;
      }
    }
  }

  /** Whether misses prove anything now: some came after the last local stall, and no interruption explains them. */
  protected countsMisses(time: number): boolean {
    return this.newMisses > 0 && time + INSTANT >= this.#drainedAt && !this.isHeld;
  }

  /** What was asked for at `askedAt` has not come in time. */
  protected miss(askedAt: number, time: number): void {
    this.newMisses++;
    this.detector.missed(askedAt);

    if (this.missed === PROBE_AFTER) {
      this.#probedAt = time;
    }
  }

  /** Whether what the peer's network stack says shows that only the peer itself hangs. */
  protected trustsStack(_time: number): boolean {
    return true;
  }

  /** Why the peer is silent, as far as is known. */
  protected blame(time: number): Reason {
    const aliveFor = time - Math.max(this.path.aliveSince, this.#stateSince);
    const isUnresponsive = this.state !== 'alive' && aliveFor >= UNRESPONSIVE_AFTER && this.trustsStack(time);

    return this.doubtedFor ?? (isUnresponsive ? this.side.unresponsive : 'missed-pings');
  }

  /** When the next miss can change the verdict, or the end of congestion can. */
  #judgeAt(time: number): number {
    const judgeAt = Math.max(time, this.overdueAt, this.#drainedAt);

    return this.isCongested(time) ? Math.min(judgeAt, this.#unexplainedSince) : judgeAt;
  }

  /** A local stall until `time`: what came meanwhile may still be unread. */
  protected stalled(time: number, duration: number): void {
    this.#drainedAt = time + Math.min(duration, DRAINED_AFTER);
    this.newMisses = 0;
    this.returns = 0;
    this.forgetExpected(this.#drainedAt);
  }

  /** Sets the timers of judging. */
  protected planJudging(time: number): void {
    const { timers } = this;

    timers.set(Timer.Miss, this.judging ? this.#judgeAt(time) : Number.POSITIVE_INFINITY);

    if (!this.judging || (this.state !== 'suspect' && this.missed < PROBE_AFTER)) {
      const isWell = this.judging && this.state === 'alive' && this.missed === 0;

      this.path.reset();
      timers.set(
        Timer.PathProbe,
        isWell && this.rtt.isQueueing ? Math.max(time, this.path.glanceAt) : Number.POSITIVE_INFINITY,
      );
    } else if (this.isGivenUp(time)) {
      // What was seen of the path stays: a hung page is pinged less and less often, dead or not. [HB-PING-4]
      timers.clear(Timer.PathProbe);
    } else {
      timers.set(Timer.PathProbe, Math.max(time, this.path.askAt));
    }
  }
}
