import { DEATH_WEIGHT, suspectAtLatest } from '../detector/bounds.ts';
import type { DetectorOptions, FailureDetector } from '../detector/FailureDetector.ts';
import type { Reason, State } from '../Reason.ts';
import type { Stats } from '../Stats.ts';
import { Endpoint } from './Endpoint.ts';
import { PROBE_AFTER, type Side } from './Judge.ts';
import type { LocalHealth } from './LocalHealth.ts';
import type { PathCounters } from './PathProbe.ts';
import type { Fellow, PeerGroup } from './PeerGroup.ts';
import * as Timer from './timers.ts';

/**
 * A worker answers within this time, in ms, however many counters are read at once. One that does not stands still: a local
 * stall.
 */
const WORKER_ANSWERS_WITHIN = 250;

/** How often a verdict is tried again that must not get worse yet, in ms. */
const PRESUME_EVERY = 1000;

/** New misses without which no client dies of what its other transports show. */
const OWN_MISSES = 3;

/**
 * What only a server takes into account when it judges: its worker, its own health, what the client says of its silence, and the
 * client's other transports. A page has none of it in its bundle.
 *
 * A worker reads the counters. While it does not answer, nothing arrives, and nobody is judged or pinged.
 */
export abstract class ServerJudge extends Endpoint implements Fellow {
  /** The health of this side, by all of its peers: those of one worker, and those of the process. */
  readonly #health: readonly LocalHealth[];
  /** The endpoints of the client's other transports. */
  #group: PeerGroup | undefined;
  /** The client has announced its silence: it is not dead before this time. */
  #sparedUntil = Number.NEGATIVE_INFINITY;

  protected constructor(
    side: Side,
    bounds: DetectorOptions,
    detector: FailureDetector,
    now: number,
    health: readonly LocalHealth[] = [],
  ) {
    super(side, bounds, detector, now);
    this.#health = health;
  }

  /** Misses in a row. `undefined`: the client is not judged. See {@link PeerGroup}. */
  get misses(): number | undefined {
    return this.judging ? this.missed : undefined;
  }

  /** When the client was heard last, by the caller's clock. */
  get heardAt(): number | undefined {
    return this.lastSeenAt;
  }

  /** The endpoints of the client's other transports, whose evidence counts as well. `undefined`: there are none any more. */
  join(group: PeerGroup | undefined): void {
    this.#group?.delete(this);
    this.#group = group;
    group?.add(this);
  }

  override handleFrame(bytes: Uint8Array, now: number): void {
    if (this.#workerAnswered(now)) {
      // The worker that brings the frame runs. What it answers yet is of the past.
      this.path.answered();
    }

    super.handleFrame(bytes, now);
  }

  override handlePath(counters: PathCounters | undefined, now: number): void {
    this.#workerAnswered(now);
    super.handlePath(counters, now);
  }

  // What the server's endpoint adds

  /** Why the client is silent, by its own word. `undefined`: it has said nothing. */
  protected abstract toldCause(time: number): Reason | undefined;
  /** A client that was never heard has missed what was expected of it. */
  protected abstract firstAnswerMissed(time: number): void;

  // What it uses

  /** The client said why it will be silent: it is not dead before `until`. */
  protected spare(until: number): void {
    this.#sparedUntil = until;
  }

  /** Whether the present silence is enough for death, apart from what the bounds ask for. */
  protected get weighsDeath(): boolean {
    return this.detector.path.weight >= DEATH_WEIGHT;
  }

  /** Whether nothing shows that the own network is the cause of the silence. */
  protected get isLocallyWell(): boolean {
    const now = this.clock.reading(this.clock.latest);

    return this.#health.every(health => health.isWell(now));
  }

  protected localHealth(now: number): Stats['localHealth'] {
    if (this.#isWorkerLate(now)) {
      return 'worker-unresponsive';
    }

    return this.isLocallyWell ? 'well' : 'server-network';
  }

  /** Whether the worker owes an answer. Until it comes, silence proves nothing. */
  protected get isBlind(): boolean {
    return this.judging && this.path.isAsking;
  }

  protected override stopJudging(): void {
    super.stopJudging();

    for (const health of this.#health) {
      health.leave(this);
    }
  }

  protected override proven(time: number, provenAt: number, inTime: boolean): void {
    for (const health of this.#health) {
      health.heard(this, this.clock.reading(time));
    }

    super.proven(time, provenAt, inTime);

    if (this.state === 'alive') {
      this.#sparedUntil = Number.NEGATIVE_INFINITY;
    }
  }

  protected override miss(askedAt: number, time: number): void {
    super.miss(askedAt, time);

    if (this.missed === PROBE_AFTER) {
      for (const health of this.#health) {
        health.fellSilent(this, this.clock.reading(this.detector.peer.since), this.bounds.interval);
      }
    }
  }

  protected override assess(time: number): void {
    if (!this.isBlind) {
      super.assess(time);
    }
  }

  protected override conclude(time: number): void {
    if (this.state === 'pending') {
      this.firstAnswerMissed(time);
    } else {
      super.conclude(time);
    }
  }

  protected override provesDoubt(time: number): boolean {
    return this.#verdictElsewhere(time) !== 'alive' || super.provesDoubt(time);
  }

  protected override provesDeath(time: number): boolean {
    // A client that was never heard is judged by its own transport alone.
    const isDeadElsewhere = this.state !== 'pending' && this.#verdictElsewhere(time) === 'dead';

    return isDeadElsewhere || super.provesDeath(time);
  }

  protected override isOver(time: number): boolean {
    const silentFor = time - this.detector.path.since;
    const isSpared =
      time < this.#sparedUntil || (silentFor < this.bounds.deadAtLatest && !this.isLocallyWell);

    return !isSpared && super.isOver(time);
  }

  protected override blame(time: number): Reason {
    return this.isLocallyWell ? (this.toldCause(time) ?? super.blame(time)) : 'server-network';
  }

  protected override trustsStack(time: number): boolean {
    return (
      this.toldCause(time) === undefined &&
      !(this.#group?.hearsPeerWithout(this, this.bounds.interval) ?? false)
    );
  }

  protected override probePath(time: number): void {
    if (this.isBlind) {
      this.#presume(time);
    } else {
      super.probePath(time);
    }
  }

  protected override planJudging(time: number): void {
    if (this.isBlind) {
      this.timers.clear(Timer.Miss);
      this.timers.set(Timer.PathProbe, this.#presumeAt(time));
    } else {
      super.planJudging(time);
    }
  }

  /**
   * The verdict about the client's transports that fell silent together with this one. `alive`: none. A death is this one's as well if
   * nothing at all comes here either, for as long as the longest outage lasts that is to be survived.
   */
  #verdictElsewhere(time: number): State {
    const { deadAfter, interval } = this.bounds;
    const worst = this.#group?.worstWith(this, interval) ?? 'alive';
    const sharesDeath =
      this.newMisses >= OWN_MISSES &&
      !this.path.isAlive &&
      !this.isCongested(time) &&
      time - this.detector.path.since >= deadAfter - interval;

    return worst === 'dead' && !sharesDeath ? 'suspect' : worst;
  }

  /** Whether the worker owes an answer for so long that it stands still. */
  #isWorkerLate(now: number): boolean {
    return this.isBlind && now - this.clock.reading(this.path.askedAt) > WORKER_ANSWERS_WITHIN;
  }

  /** The worker has answered, or shown otherwise that it runs. Returns whether that took long: then it was a local stall. */
  #workerAnswered(now: number): boolean {
    const tookLong = this.#isWorkerLate(now);

    if (tookLong) {
      this.handleStall(this.clock.reading(this.path.askedAt), now);
    }

    return tookLong;
  }

  /** The worker has not answered for so long that its silence is taken for the peer's. */
  #presume(time: number): void {
    const isOver = time >= Math.max(this.path.askedAt + this.bounds.deadAtLatest, this.#sparedUntil);

    if (this.isHeld) {
      return;
    } else if (this.state !== 'pending') {
      this.signal(isOver ? 'silence' : 'suspicion', this.doubtedFor ?? 'worker-unresponsive', time);
    } else if (isOver) {
      this.signal('end', 'no-answer', time);
    }
  }

  /** When the silence of the worker has an effect, or may have one after all. */
  #presumeAt(time: number): number {
    if (this.state === 'dead') {
      return Number.POSITIVE_INFINITY;
    }

    const { askedAt } = this.path;
    const suspectAt = askedAt + suspectAtLatest(this.bounds);
    const deadAt = askedAt + this.bounds.deadAtLatest;

    return time < suspectAt ? suspectAt : Math.max(deadAt, time + PRESUME_EVERY);
  }
}
