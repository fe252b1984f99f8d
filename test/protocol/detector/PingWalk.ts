import fc from 'fast-check';
import { createPingDetector } from '../../../packages/protocol/src/detector/AdaptiveDetector.ts';
import type { DetectorOptions, Judgement } from '../../../packages/protocol/src/detector/Detector.ts';
import { hold } from './hold.ts';

/** Readings are rounded when they are converted into own time and back: see INSTANT. */
const ROUNDING = 0.01;

/** A call later than this counts as a pause that nobody reported. */
const UNREPORTED = 1000;

/** What may happen to the detector of the half that pings, in any order. Times in ms. */
export type PingEvent =
  /** Time passes. Pings that leave meanwhile are answered after `rtt`, or never. */
  | { kind: 'pass'; ms: number; rtt: number | undefined }
  /** The own process stands still, tells the detector or not, and reads what waited within `drain`. */
  | { kind: 'stall'; ms: number; drain: number; reported: boolean }
  /** The clock is set. */
  | { kind: 'step'; ms: number }
  | { kind: 'opinion'; pathAlive: boolean }
  | { kind: 'trouble' }
  | { kind: 'start' }
  | { kind: 'stop' };

const roundTrip = fc.option(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 300, max: 9000 })), {
  nil: undefined,
});

export const pass: fc.Arbitrary<PingEvent> = fc.record({
  kind: fc.constant('pass' as const),
  ms: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 12_000 })),
  rtt: roundTrip,
});

export const stall: fc.Arbitrary<PingEvent> = fc.record({
  kind: fc.constant('stall' as const),
  ms: fc.integer({ min: 1, max: 30_000 }),
  drain: fc.integer({ min: 0, max: 200 }),
  reported: fc.boolean(),
});

export const step: fc.Arbitrary<PingEvent> = fc.record({
  kind: fc.constant('step' as const),
  ms: fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -1e8, max: 1e8 })),
});

const others: fc.Arbitrary<PingEvent> = fc.oneof(
  fc.record({ kind: fc.constant('opinion' as const), pathAlive: fc.boolean() }),
  fc.constant({ kind: 'trouble' as const }),
  fc.constant({ kind: 'start' as const }),
  fc.constant({ kind: 'stop' as const }),
);

/** Any order of anything. */
export const anything = fc.array(
  fc.oneof({ weight: 5, arbitrary: pass }, { weight: 2, arbitrary: stall }, step, others),
  { maxLength: 40, size: 'max' },
);

type Answer = { at: number; seq: number; sentAt: number };

/**
 * Leads a detector through events as its owner would, on a clock that may lie, and holds after every call what
 * has to hold always: no judgement without evidence, no answer ignored, suspicion that only grows in silence.
 */
export class PingWalk {
  readonly detector;
  readonly options: DetectorOptions;
  /** The reading of the clock. */
  now = 1_000_000;
  judgement: Judgement = 'alive';
  /** All judgements that were another than the one before. */
  readonly judgements: Judgement[] = [];
  pings = 0;
  #answers: Answer[] = [];
  #running = false;
  #inTrouble = false;
  /** For how long, pauses left out, nothing has come, and no sign that the path is alive either. */
  #unanswered = 0;
  #silent = 0;
  #suspicion = 0;

  constructor(options: DetectorOptions) {
    this.options = options;
    this.detector = createPingDetector(options);
    this.apply({ kind: 'start' });
  }

  apply(event: PingEvent): this {
    switch (event.kind) {
      case 'pass': {
        this.#pass(event.ms, event.rtt);
        break;
      }
      case 'stall': {
        this.#stall(event.ms, event.drain, event.reported);
        break;
      }
      case 'step': {
        this.#advance(this.now + event.ms);

        for (const answer of this.#answers) {
          answer.at += event.ms;
        }

        this.#judge();
        break;
      }
      case 'opinion': {
        this.#opinion(event.pathAlive);
        break;
      }
      case 'trouble': {
        this.#inTrouble ||= this.#running && this.judgement === 'alive';
        this.detector.trouble(this.now);
        this.#judge();
        break;
      }
      case 'start': {
        this.detector.start(this.now, this.options.interval / 3);
        this.#running = true;
        this.#inTrouble = false;
        this.#signOfLife(true);
        this.judgement = 'alive';
        break;
      }
      case 'stop': {
        this.detector.stop();
        this.#running = false;
        this.#suspicion = 0;
        break;
      }
    }

    this.#check();

    return this;
  }

  #pass(ms: number, rtt: number | undefined): void {
    const end = this.now + ms;

    for (;;) {
      const { pingAt, judgeAt } = this.detector;
      const next = Math.min(pingAt, judgeAt, this.#answers[0]?.at ?? Number.POSITIVE_INFINITY);

      if (next > end) {
        break;
      }

      this.#advance(Math.max(this.now, next));

      if (this.#answers.length > 0 && (this.#answers[0] as Answer).at <= this.now) {
        this.#answered(this.#answers.shift() as Answer);
      } else {
        this.#judge();
        this.#ping(rtt);
      }
    }

    this.#advance(end);
  }

  #stall(ms: number, drain: number, reported: boolean): void {
    const from = this.now;
    const to = from + ms;

    // What came meanwhile is read after the wake, and so are timers.
    for (const answer of this.#answers) {
      answer.at = answer.at < to ? to + drain : answer.at;
    }

    if (reported) {
      this.detector.stalled(from, to);
      this.now = to;
    } else {
      this.#advance(to);
    }

    this.#judge();
    this.#ping(undefined);
  }

  #ping(rtt: number | undefined): void {
    if (this.now < this.detector.pingAt) {
      return;
    }

    const seq = this.pings++;

    this.detector.sent(seq, this.now);

    if (rtt !== undefined) {
      this.#answers.push({ at: this.now + rtt, seq, sentAt: this.now });
      this.#answers.sort((a, b) => a.at - b.at || a.seq - b.seq);
    }

    this.#check();
  }

  #answered({ seq, sentAt }: Answer): void {
    const before = this.judgement;

    this.detector.answered(seq, Math.max(0, this.now - sentAt), this.now);
    this.#signOfLife(true);
    hold(this.detector.missed === 0 && !this.detector.pathAlive, 'an answer was ignored');
    this.#judge();
    hold(
      this.judgement === 'alive' || (this.judgement === 'suspect' && before !== 'alive'),
      'an answer did not help',
    );
  }

  #opinion(pathAlive: boolean): void {
    const asked = this.detector.wantsOpinion;

    this.detector.opinion(pathAlive, this.now);

    if (asked && pathAlive) {
      this.#signOfLife(false);
    }

    this.#judge();
  }

  #signOfLife(answer: boolean): void {
    this.#silent = 0;
    this.#unanswered = answer ? 0 : this.#unanswered;
    this.#suspicion = 0;
  }

  /** Moves the clock. As silence counts what the owner lived through: not steps back, nor pauses. */
  #advance(to: number): void {
    const due = Math.min(this.detector.pingAt, this.detector.judgeAt);
    const lived = to - due > UNREPORTED ? Math.max(0, due - this.now) : Math.max(0, to - this.now);

    this.#silent += lived;
    this.#unanswered += lived;
    this.now = to;
  }

  #judge(): void {
    const previous = this.judgement;

    this.judgement = this.detector.judge(this.now);

    if (this.judgement !== previous) {
      this.judgements.push(this.judgement);
      this.#checkEvidence(previous, this.options);
    }

    this.#check();
  }

  #checkEvidence(previous: Judgement, { suspectAfter, deadAfter, unresponsiveAfter }: DetectorOptions): void {
    const unanswered = this.#unanswered + ROUNDING;

    if (this.judgement === 'alive' || previous === 'dead') {
      this.#inTrouble &&= this.judgement !== 'alive';
      hold(this.#unanswered === 0, 'better without an answer');
    } else {
      const enough =
        this.judgement === 'suspect'
          ? this.#inTrouble || unanswered >= suspectAfter
          : this.#silent + ROUNDING >= deadAfter || unanswered >= unresponsiveAfter;

      hold(enough, `${this.judgement} too soon: ${this.#silent}, ${this.#unanswered}`);
      hold(this.#inTrouble || this.detector.missed >= 3, `${this.judgement} without evidence`);
    }
  }

  #check(): void {
    const { pingAt, judgeAt, missed, deadline, suspicion, wantsOpinion } = this.detector;

    hold(![pingAt, judgeAt, missed, deadline].some(Number.isNaN), 'figures are numbers');
    hold(missed >= 0 && deadline > 0, 'figures are in their range');
    hold(suspicion >= 0 && suspicion <= 1, 'suspicion is in its range');
    hold((suspicion === 1) === (this.#running && this.judgement === 'dead'), 'sure of the dead alone');

    if (this.#running) {
      hold(suspicion >= this.#suspicion - 1e-9, 'suspicion does not fall in silence');
      this.#suspicion = suspicion;
    } else {
      hold(pingAt === Number.POSITIVE_INFINITY && judgeAt === pingAt, 'who is stopped does nothing');
      hold(!wantsOpinion, 'who is stopped asks nobody');
    }
  }
}
