import {
  type ArrivalDetector,
  CONGESTED_MOST,
  type DetectorOptions,
  type Judgement,
  OPINION_TAKES,
} from './Detector.ts';
import { INSTANT, OwnTime } from './OwnTime.ts';
import { suspectBefore } from './options.ts';
import { probeStep } from './ProbeSchedule.ts';
import { Silence } from './Silence.ts';
import { deadWeight, SilenceModel } from './SilenceModel.ts';

/** See AdaptiveDetector. */
const SUSPECT_WEIGHT = 10;
const BEYOND_WEIGHT = 15;
const FRESH_MISSES = 3;
const DRAINED_AFTER = 200;
/** A judgement later than this after it was due, in ms, means a pause that nobody reported, or a step of the clock. */
const UNREPORTED_PAUSE = 1500;

/** One that is later than these steps likewise, but not two in a row: timers of a hidden page are slow, and no pause. */
const UNREPORTED_STEPS = 2.5;

const ASK_AFTER = 2;

/** How much later than the interval a ping may be without a sign of trouble, in ms, and in usual delays. */
const LEAST_MARGIN = 150;
const VARIATIONS = 4;
const SMOOTHING = 1 / 8;

/**
 * The detector of the half that answers. It knows when pings should come, and that the other half, once it
 * misses an answer, probes quickly: so each step of silence beyond the deadline is a miss, and weighs what
 * {@link SilenceModel} has learned.
 */
export class AdaptiveArrivalDetector implements ArrivalDetector {
  readonly #options: DetectorOptions;
  /** Whoever misses an answer probes this often: a miss is what should have come by then. */
  readonly #step: number;
  readonly #time = new OwnTime();
  readonly #model: SilenceModel;
  /** Silence of pings, and of any sign of life, the transport's included. Only the latter kills. */
  readonly #pings: Silence;
  readonly #signs: Silence;
  #state: Judgement = 'alive';
  #running = false;
  #pathAlive = false;
  #congestedUntil = Number.NEGATIVE_INFINITY;
  #freshMisses = 0;
  #askedAt = 0;
  #delay = 0;
  #wasLate = false;
  /** When the next step of silence is a miss. */
  #missAt = Number.POSITIVE_INFINITY;

  constructor(options: DetectorOptions) {
    this.#options = options;
    // Without haste: it takes late calls of its own, which nobody reports, for misses sooner than the half that pings.
    this.#model = new SilenceModel();
    this.#pings = new Silence(this.#model);
    this.#signs = new Silence(this.#model);
    this.#step = probeStep(options.interval);
  }

  get judgeAt(): number {
    return this.#time.reading(this.#missAt);
  }

  get wantsOpinion(): boolean {
    return this.#running && !this.#isGivenUp() && (this.#state !== 'alive' || this.#pings.run >= ASK_AFTER);
  }

  get pathAlive(): boolean {
    return this.#pathAlive;
  }

  get missed(): number {
    return this.#pings.run;
  }

  get deadline(): number {
    return this.#options.interval + Math.max(LEAST_MARGIN, VARIATIONS * this.#delay);
  }

  get suspicion(): number {
    if (!this.#running) {
      return 0;
    }

    const { weight, since } = this.#signs;
    const lasted = (this.#time.latest - since) / this.#options.deadAfter;

    return this.#state === 'dead' ? 1 : Math.min(0.99, weight / deadWeight(), lasted);
  }

  start(now: number): void {
    const own = this.#time.at(now);

    this.#running = true;
    this.#state = 'alive';
    this.#pathAlive = false;
    this.#congestedUntil = Number.NEGATIVE_INFINITY;
    this.#freshMisses = 0;
    this.#wasLate = false;
    this.#pings.broken(own);
    this.#signs.broken(own);
    this.#missAt = own + this.deadline;
  }

  stop(): void {
    this.#running = false;
    this.#missAt = Number.POSITIVE_INFINITY;
  }

  stalled(from: number, to: number): void {
    const pause = to - from;

    if (pause > 0) {
      // Who was not called when it was due stood still by then.
      this.#time.skip(Math.min(from, this.judgeAt), to);
      this.#freshMisses = 0;
      this.#missAt = Math.max(this.#missAt, this.#time.at(to) + Math.min(pause, DRAINED_AFTER));
    }
  }

  opinion(pathAlive: boolean | undefined, now: number, congestedFor = 0): void {
    const own = this.#enter(now);

    if (this.wantsOpinion) {
      this.#pathAlive = pathAlive ?? this.#pathAlive;

      if (pathAlive) {
        this.#signs.broken(own);
      } else if (pathAlive === false) {
        this.#congestedUntil = Number.NEGATIVE_INFINITY;
      }

      if (congestedFor > 0) {
        this.#congestedUntil = own + congestedFor;
      }
    }
  }

  trouble(now: number): void {
    const own = this.#enter(now);

    if (this.#running && this.#state === 'alive') {
      this.#state = 'suspect';
      this.#missAt = Math.min(this.#missAt, own + this.#step);
    }
  }

  arrived(_seq: number, now: number): void {
    const own = this.#enter(now);
    const { run, weight, since } = this.#pings;

    if (run > 0) {
      this.#model.ended(run, weight, own);
    } else {
      this.#model.answered();
    }

    if (this.#running) {
      const late = Math.min(this.#options.interval / 2, Math.max(0, own - since - this.#options.interval));

      this.#delay += (late - this.#delay) * SMOOTHING;
      this.#missAt = own + this.deadline;
    }

    this.#pings.broken(own);
    this.#signs.broken(own);
    this.#pathAlive = false;
    this.#wasLate = false;

    // Two pings make a dead server alive. A suspected one needs a single one: a server that hung pings at its pace.
    this.#state = this.#state === 'dead' ? 'suspect' : 'alive';
  }

  judge(now: number): Judgement {
    const isDue = now + INSTANT >= this.judgeAt;
    const isLate = this.#isLate(now);
    const own = this.#enter(now);

    // What comes of itself, as an opinion does, comes in time however slow the timers are.
    if (isDue) {
      this.#wasLate = isLate;
    }

    for (; own + INSTANT >= this.#missAt; this.#missAt += this.#step) {
      this.#freshMisses++;
      this.#pings.missed(this.#missAt, this.#options.deadAfter);
      this.#signs.missed(this.#missAt, this.#options.deadAfter);

      if (this.#pings.run === ASK_AFTER) {
        this.#askedAt = own;
      }
    }

    if (this.#running && this.#freshMisses > 0) {
      this.#conclude(own);
    }

    return this.#state;
  }

  #enter(now: number): number {
    const late = this.#time.late(now, this.#missAt);

    if (late > UNREPORTED_PAUSE) {
      this.stalled(this.#time.reading(this.#time.latest), now);
    } else if (this.#isLate(now) && !this.#wasLate) {
      this.stalled(now - late, now);
    }

    return this.#time.at(now);
  }

  #isLate(now: number): boolean {
    return this.#time.late(now, this.#missAt) > UNREPORTED_STEPS * this.#step;
  }

  #conclude(own: number): void {
    const { suspectAfter, deadBefore, unresponsiveAfter } = this.#options;
    const { run, weight, since, beyond } = this.#signs;
    const isFresh = this.#freshMisses >= FRESH_MISSES;
    const isProven = isFresh && this.#pings.weight >= SUSPECT_WEIGHT;
    const enough = isProven ? suspectAfter : suspectBefore(this.#options);

    const unexplainedSince = Math.max(
      this.#pings.since,
      Math.min(this.#congestedUntil, this.#pings.since + CONGESTED_MOST),
    );

    if (this.#state === 'alive' && own + INSTANT >= unexplainedSince && own - this.#pings.since >= enough) {
      this.#state = 'suspect';
    }

    if (
      this.#state === 'suspect' &&
      ((isFresh &&
        own - this.#askedAt >= OPINION_TAKES &&
        beyond >= FRESH_MISSES &&
        weight >= deadWeight(run) &&
        beyond * this.#model.weigh(1) >= BEYOND_WEIGHT) ||
        own - since >= deadBefore ||
        own - unexplainedSince >= unresponsiveAfter)
    ) {
      this.#state = 'dead';
    }
  }

  /** See AdaptiveDetector. */
  #isGivenUp(): boolean {
    return this.#state === 'dead' && this.#time.latest - this.#pings.since >= this.#options.deadBefore;
  }
}

/** The detector of the half that answers. */
export function createArrivalDetector(options: DetectorOptions): ArrivalDetector {
  return new AdaptiveArrivalDetector(options);
}
