import { AnswerDeadline } from './AnswerDeadline.ts';
import {
  CONGESTED_MOST,
  type DetectorOptions,
  type Judgement,
  OPINION_TAKES,
  type PingDetector,
} from './Detector.ts';
import { INSTANT, OwnTime } from './OwnTime.ts';
import { suspectBefore } from './options.ts';
import { ProbeSchedule } from './ProbeSchedule.ts';
import { Silence } from './Silence.ts';
import { deadWeight, SilenceModel } from './SilenceModel.ts';

/** Pings that can be on their way at once. A power of two. */
const IN_FLIGHT = 128;

/** -ln of how probable a silence of a living peer may be for it to be suspected: e^-8.2 of a ping a second is once an hour. */
const SUSPECT_WEIGHT = 10;

/** The same for the pings that left after the longest outage, each by itself, for dead: none in 200,000 outages. */
const BEYOND_WEIGHT = 15;

/** The most that {@link AdaptiveDetector.suspicion} says of who is not dead. */
const NOT_YET_DEAD = 0.99;

/**
 * Misses since the own process last stood still without which no judgement gets worse, and this many beyond. Where a
 * bound has run out that needs no proof one is enough: a process that keeps standing still may never see three.
 */
const FRESH_MISSES = 3;

/** Answers that make a suspected or dead peer alive. */
const ANSWERS = 2;

/** Input that waited during a pause is read within this time after it, in ms. */
const DRAINED_AFTER = 200;

/** A call later than this after it was due, in ms, means a pause that nobody reported, or a step of the clock. */
const UNREPORTED_PAUSE = 1000;

/** Answers missing in a row before the transport is asked. */
const ASK_AFTER = 2;

/** Steps between probes: in doubt, for the last volley, to bring back who began to answer, and dead. */
const DOUBT = 1;
const LAST_VOLLEY = 0.5;
const RETURNING = 0.5;
const DEAD = 2.5;

/**
 * A page that hangs queues all pings and answers them when it continues. So it is pinged less and less often: after
 * this share of its silence so far, but not closer than this and not further apart, in ms. [HB-PING-4]
 */
const HUNG_SHARE = 0.1;
const HUNG_LEAST = 500;
const HUNG_MOST = 8000;

/** Until the network stack of such a page acknowledges a ping, the next one follows after this, in ms. */
const UNACKNOWLEDGED_AFTER = OPINION_TAKES;

/** Pings that nothing acknowledged, in a row, without which the path of such a page is not silent. */
const UNACKNOWLEDGED = 3;

/**
 * The detector of the half that pings.
 *
 * A ping not answered within {@link deadline} is missed; then quick probes follow until one is answered. Each
 * miss weighs what {@link SilenceModel} has learned of this peer. The peer is suspect when the silence weighs
 * enough and lasts {@link DetectorOptions.suspectAfter}, and dead when it weighs more, lasts
 * {@link DetectorOptions.deadAfter}, and pings that left after that are missed, too. Two answers bring it back.
 */
export class AdaptiveDetector implements PingDetector {
  readonly #options: DetectorOptions;
  readonly #time = new OwnTime();
  readonly #deadline = new AnswerDeadline();
  readonly #model: SilenceModel;
  readonly #schedule: ProbeSchedule;
  /** Silence of answers, and of any sign of life, the transport's included. Only the latter kills. */
  readonly #answers: Silence;
  readonly #signs: Silence;
  readonly #sentAt = new Float64Array(IN_FLIGHT);
  /** The next ping to leave, and the oldest that may yet be answered in time. */
  #next = 0;
  #oldest = 0;
  /** The first ping whose round trip no pause of the own process has lengthened. */
  #untouched = 0;
  #state: Judgement = 'alive';
  #running = false;
  #pathAlive = false;
  #congestedUntil = Number.NEGATIVE_INFINITY;
  #answersInDoubt = 0;
  #freshMisses = 0;
  /** When the transport was first to be asked in the present silence. */
  #askedAt = 0;
  #drainedAt = Number.NEGATIVE_INFINITY;
  #pingAt = Number.POSITIVE_INFINITY;
  #judgeAt = Number.POSITIVE_INFINITY;

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.#model = new SilenceModel(options.deadAfter - options.interval);
    this.#answers = new Silence(this.#model);
    this.#signs = new Silence(this.#model);
    this.#schedule = new ProbeSchedule(options.interval);
  }

  /** The own time of the call under way. It is not handed on: a number that is handed on may have to be boxed. */
  get #own(): number {
    return this.#time.latest;
  }

  get pingAt(): number {
    return this.#time.reading(this.#pingAt);
  }

  get judgeAt(): number {
    return this.#time.reading(this.#judgeAt);
  }

  get wantsOpinion(): boolean {
    return this.#running && !this.#isGivenUp() && (this.#state !== 'alive' || this.#answers.run >= ASK_AFTER);
  }

  get pathAlive(): boolean {
    return this.#pathAlive;
  }

  get missed(): number {
    return this.#answers.run;
  }

  get deadline(): number {
    return this.#deadline.value;
  }

  get suspicion(): number {
    if (!this.#running) {
      return 0;
    } else if (this.#state === 'dead') {
      return 1;
    }

    const { weight, since } = this.#signs;
    const lasted = (this.#own - since) / this.#options.deadAfter;

    return Math.min(NOT_YET_DEAD, weight / deadWeight(), lasted);
  }

  start(now: number, phase = this.#options.interval): void {
    this.#time.at(now);
    this.#running = true;
    this.#state = 'alive';
    this.#pathAlive = false;
    this.#congestedUntil = Number.NEGATIVE_INFINITY;
    this.#answers.broken(this.#own);
    this.#signs.broken(this.#own);
    this.#void();
    this.#schedule.start(this.#own, phase);
    this.#plan();
  }

  stop(): void {
    this.#running = false;
    this.#schedule.stop();
    this.#pingAt = Number.POSITIVE_INFINITY;
    this.#judgeAt = Number.POSITIVE_INFINITY;
  }

  stalled(from: number, to: number): void {
    const pause = to - from;

    if (pause > 0) {
      // Who was not called when it was due stood still by then.
      this.#time.skip(Math.min(from, this.pingAt, this.judgeAt), to);

      this.#time.at(to);
      this.#void();
      this.#drainedAt = this.#own + Math.min(pause, DRAINED_AFTER);
      this.#plan();
    }
  }

  opinion(pathAlive: boolean | undefined, now: number, congestedFor = 0): void {
    this.#enter(now);
    if (!this.wantsOpinion) {
      return;
    }

    if (pathAlive !== undefined) {
      // By itself a path may carry nothing for longer than pings to a hung page are apart.
      this.#pathAlive &&= this.#signs.run < UNACKNOWLEDGED;
      this.#pathAlive ||= pathAlive;
    }

    if (pathAlive) {
      this.#signs.broken(this.#own);
    } else if (pathAlive === false) {
      this.#congestedUntil = Number.NEGATIVE_INFINITY;
    }

    if (congestedFor > 0) {
      this.#congestedUntil = this.#own + congestedFor;
    }

    this.#plan();
  }

  trouble(now: number): void {
    this.#enter(now);

    if (this.#running && this.#state === 'alive') {
      this.#state = 'suspect';
      this.#answersInDoubt = 0;
    }

    this.#plan();
  }

  sent(seq: number, now: number): void {
    this.#enter(now);
    this.#sentAt[seq % IN_FLIGHT] = this.#own;
    this.#next = seq + 1;
    this.#oldest = Math.max(this.#oldest, this.#next - IN_FLIGHT);
    this.#schedule.sent(this.#own);
    this.#plan();
  }

  answered(seq: number, rtt: number, now: number): void {
    this.#enter(now);
    const inTime = seq >= this.#oldest;

    if (inTime) {
      // What left before the answered ping and is not answered by now is not going to be.
      for (; this.#oldest < seq; this.#oldest++) {
        this.#miss(this.#sentAt[this.#oldest % IN_FLIGHT] ?? this.#own);
      }

      this.#oldest = Math.min(seq + 1, this.#next);
      this.#learn(seq, rtt);
    } else if (this.#answers.run > 0) {
      // Late, but the first after a silence: deadlines are too short. The others after it tell nothing new.
      this.#learn(seq, rtt);
    }

    this.#heard(Number.isFinite(rtt) ? rtt : 0, inTime);
    this.#plan();
  }

  judge(now: number): Judgement {
    this.#enter(now);

    if (this.#running) {
      this.#count();
      this.#conclude();
      this.#plan();
    }

    return this.#state;
  }

  /** Takes a reading of the clock over. One that nobody would have waited for so long is a pause, or a step. */
  #enter(now: number): void {
    const late = this.#time.late(now, Math.min(this.#pingAt, this.#judgeAt));

    if (late > UNREPORTED_PAUSE) {
      this.stalled(this.#time.reading(this.#time.latest), now);
    }

    this.#time.at(now);
  }

  /** Pings on their way prove nothing any more, missed or answered late. */
  #void(): void {
    this.#oldest = this.#next;
    this.#untouched = this.#next;
    this.#freshMisses = 0;
    this.#answersInDoubt = 0;
  }

  #learn(seq: number, rtt: number): void {
    if (seq >= this.#untouched) {
      this.#deadline.learn(rtt);
    }
  }

  #heard(rtt: number, inTime: boolean): void {
    const { run, weight } = this.#answers;
    const provenAt = this.#own - Math.max(0, rtt) / 2;

    if (run > 0) {
      this.#model.ended(run, weight, this.#own);
    } else if (inTime) {
      this.#model.answered();
    }

    this.#answers.broken(this.#own, provenAt);
    this.#signs.broken(this.#own, provenAt);
    this.#pathAlive = false;

    if (this.#state !== 'alive') {
      this.#state = ++this.#answersInDoubt >= ANSWERS ? 'alive' : 'suspect';
    }
  }

  /** Counts the pings as missed whose answers are overdue. */
  #count(): void {
    while (this.#own + INSTANT >= this.#overdueAt()) {
      const sentAt = this.#sentAt[this.#oldest++ % IN_FLIGHT] ?? this.#own;

      this.#miss(sentAt);

      // Pings that left before the latest answer came say nothing of what is after it.
      if (sentAt >= this.#answers.since) {
        this.#answersInDoubt = 0;
      }
    }
  }

  #overdueAt(): number {
    return this.#oldest < this.#next
      ? Math.max(this.#drainedAt, (this.#sentAt[this.#oldest % IN_FLIGHT] ?? 0) + this.#deadline.value)
      : Number.POSITIVE_INFINITY;
  }

  #miss(sentAt: number): void {
    this.#freshMisses++;
    this.#answers.missed(sentAt, this.#options.deadAfter);
    this.#signs.missed(sentAt, this.#options.deadAfter);

    if (this.#answers.run === ASK_AFTER) {
      this.#askedAt = this.#own;
    }
  }

  #conclude(): void {
    if (this.#freshMisses === 0 || this.#own < this.#drainedAt) {
      return;
    }

    if (this.#state === 'alive' && !this.#isCongested && this.#isSuspect()) {
      this.#state = 'suspect';
      this.#answersInDoubt = 0;
    }

    if (this.#state === 'suspect' && this.#isDead()) {
      this.#state = 'dead';
      this.#answersInDoubt = 0;
    }
  }

  #isSuspect(): boolean {
    const { weight, since } = this.#answers;
    const isProven = this.#freshMisses >= FRESH_MISSES && weight >= SUSPECT_WEIGHT;

    return this.#own - since >= (isProven ? this.#options.suspectAfter : suspectBefore(this.#options));
  }

  #isDead(): boolean {
    const { run, weight, since, beyond } = this.#signs;
    const { deadAfter, deadBefore, unresponsiveAfter } = this.#options;
    const isLongEnough =
      this.#own - since >= deadAfter &&
      this.#own - this.#askedAt >= OPINION_TAKES &&
      Math.min(beyond, this.#freshMisses) >= FRESH_MISSES;

    return (
      (isLongEnough && weight >= deadWeight(run) && beyond * this.#model.weigh(1) >= BEYOND_WEIGHT) ||
      (this.#own - since >= deadBefore && run > 0) ||
      this.#own - this.#unexplainedSince >= unresponsiveAfter
    );
  }

  /** Sets anew when to ping and when to judge. */
  #plan(): void {
    if (!this.#running) {
      return;
    }

    const inDoubt = this.#state !== 'alive' || this.#answers.run > 0;

    this.#pingAt = inDoubt ? Math.max(this.#own, this.#probeAt()) : this.#schedule.regularAt;
    this.#judgeAt = Math.max(this.#own, this.#overdueAt());

    if (this.#isCongested) {
      this.#judgeAt = Math.min(this.#judgeAt, this.#unexplainedSince);
    }
  }

  /** Whether it is dead, and silent for so long that it is pinged at the regular pace only, and its transport not asked. */
  #isGivenUp(): boolean {
    return this.#state === 'dead' && this.#own - this.#answers.since >= this.#options.deadBefore;
  }

  /** Whether a queue of the association explains the silence. */
  get #isCongested(): boolean {
    return this.#own + INSTANT < this.#unexplainedSince;
  }

  /** Since when nothing but the peer explains that no answer comes. In the future: congestion still does. */
  get #unexplainedSince(): number {
    const { since } = this.#answers;

    return Math.max(since, Math.min(this.#congestedUntil, since + CONGESTED_MOST));
  }

  /** When to ping, as long as the peer is in doubt. */
  #probeAt(): number {
    // Each further ping would lengthen the queue, and in SCTP's loss recovery hold up the application's data.
    if (this.#isCongested && this.#answersInDoubt === 0) {
      return this.#schedule.regularAt;
    }

    if (this.#answersInDoubt === 0 && this.#pathAlive) {
      return this.#schedule.lastAt + this.#hungPace();
    }

    return this.#answersInDoubt === 0 && this.#isGivenUp()
      ? this.#schedule.regularAt
      : this.#schedule.probeAt(this.#deadline.smoothed, this.#pace());
  }

  /** How many ms apart pings are while only the path is alive. */
  #hungPace(): number {
    // As long as it was when the latest ping left: what grows while it is waited for would never come.
    const silence = this.#schedule.lastAt - this.#answers.since;
    const pace = Math.max(HUNG_LEAST, Math.min(HUNG_MOST, silence * HUNG_SHARE));
    const isAcknowledged = this.#signs.since >= this.#schedule.lastAt || !this.wantsOpinion;

    return isAcknowledged ? pace : Math.min(pace, UNACKNOWLEDGED_AFTER);
  }

  /** How many steps apart probes are. */
  #pace(): number {
    if (this.#answersInDoubt > 0) {
      return RETURNING;
    }

    if (this.#state === 'dead') {
      return DEAD;
    }

    // Only where nothing but an outage can explain the silence: bursts are learned at the pace of DOUBT.
    return this.#signs.weight >= deadWeight(this.#signs.run) ? LAST_VOLLEY : DOUBT;
  }
}

/** The detector of the half that pings. */
export function createPingDetector(options: DetectorOptions): PingDetector {
  return new AdaptiveDetector(options);
}
