import fc from 'fast-check';
import { createArrivalDetector } from '../../../packages/protocol/src/detector/AdaptiveArrivalDetector.ts';
import type { DetectorOptions, Judgement } from '../../../packages/protocol/src/detector/Detector.ts';
import { hold } from './hold.ts';

/** Readings are rounded when they are converted into own time and back: see INSTANT. */
const ROUNDING = 0.01;

/** A call later than this counts as a pause that nobody reported. */
const UNREPORTED = 1500;

/** What may happen to the detector of the half that answers, in any order. Times in ms. */
export type ArrivalEvent =
  /** Time passes, in which a ping comes each `every` ms, or none. */
  | { kind: 'pass'; ms: number; every: number | undefined }
  /** The own process stands still, tells the detector or not, and reads what waited within `drain`. */
  | { kind: 'stall'; ms: number; drain: number; reported: boolean }
  /** The clock is set. */
  | { kind: 'step'; ms: number }
  | { kind: 'opinion'; pathAlive: boolean }
  | { kind: 'trouble' }
  | { kind: 'start' }
  | { kind: 'stop' };

export const stall: fc.Arbitrary<ArrivalEvent> = fc.record({
  kind: fc.constant('stall' as const),
  ms: fc.integer({ min: 1, max: 30_000 }),
  drain: fc.integer({ min: 0, max: 200 }),
  reported: fc.boolean(),
});

export const step: fc.Arbitrary<ArrivalEvent> = fc.record({
  kind: fc.constant('step' as const),
  ms: fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -1e8, max: 1e8 })),
});

const pass: fc.Arbitrary<ArrivalEvent> = fc.record({
  kind: fc.constant('pass' as const),
  ms: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 12_000 })),
  every: fc.option(fc.oneof(fc.integer({ min: 50, max: 1000 }), fc.integer({ min: 1000, max: 5000 })), {
    nil: undefined,
  }),
});

/** Any order of anything. */
export const anything = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: pass },
    { weight: 2, arbitrary: stall },
    step,
    fc.record({ kind: fc.constant('opinion' as const), pathAlive: fc.boolean() }),
    fc.constant({ kind: 'trouble' as const }),
    fc.constant({ kind: 'start' as const }),
    fc.constant({ kind: 'stop' as const }),
  ),
  { maxLength: 40, size: 'max' },
);

/** As PingWalk, for the detector of the half that answers. */
export class ArrivalWalk {
  readonly detector;
  readonly options: DetectorOptions;
  /** The reading of the clock. */
  now = 1_000_000;
  judgement: Judgement = 'alive';
  /** All judgements that were another than the one before. */
  readonly judgements: Judgement[] = [];
  #seq = 0;
  #arrivesAt = Number.POSITIVE_INFINITY;
  /** When the owner's timer fires. It runs on, whatever the clock says. */
  #timerAt = Number.POSITIVE_INFINITY;
  #running = false;
  #inTrouble = false;
  /** For how long, pauses left out, no ping has come, and no sign that the path is alive either. */
  #pingless = 0;
  #silent = 0;
  #suspicion = 0;

  constructor(options: DetectorOptions) {
    this.options = options;
    this.detector = createArrivalDetector(options);
    this.apply({ kind: 'start' });
  }

  apply(event: ArrivalEvent): this {
    switch (event.kind) {
      case 'pass': {
        this.#pass(event.ms, event.every);
        break;
      }
      case 'stall': {
        this.#stall(event.ms, event.drain, event.reported);
        break;
      }
      case 'step': {
        this.#step(event.ms);
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
        this.detector.start(this.now);
        this.#running = true;
        this.#inTrouble = false;
        this.#signOfLife(true);
        this.judgement = 'alive';
        this.#check();
        break;
      }
      case 'stop': {
        this.detector.stop();
        this.#running = false;
        this.#suspicion = 0;
        this.#check();
        break;
      }
    }

    return this;
  }

  #pass(ms: number, every: number | undefined): void {
    const end = this.now + ms;

    this.#arrivesAt =
      every === undefined ? Number.POSITIVE_INFINITY : Math.min(this.#arrivesAt, this.now + every);

    for (;;) {
      const next = Math.min(this.#timerAt, this.#arrivesAt);

      if (next > end) {
        break;
      }

      this.#advance(Math.max(this.now, next));

      if (this.#arrivesAt <= this.now) {
        this.#arrived();
        this.#arrivesAt = this.now + (every ?? Number.POSITIVE_INFINITY);
      } else {
        this.#judge();
      }
    }

    this.#advance(end);
  }

  #step(ms: number): void {
    this.#mistake(ms);
    this.now += ms;
    this.#arrivesAt += ms;
    this.#timerAt += ms;
  }

  #stall(ms: number, drain: number, reported: boolean): void {
    const from = this.now;
    const to = from + ms;

    // What came meanwhile is read after the wake, and so are timers.
    this.#arrivesAt = this.#arrivesAt < to ? to + drain : this.#arrivesAt;

    if (reported) {
      this.detector.stalled(from, to);
      this.now = to;
    } else {
      this.#mistake(ms);
      this.now = to;
    }

    this.#judge();
  }

  #arrived(): void {
    const before = this.judgement;

    this.detector.arrived(this.#seq++, this.now);
    this.#signOfLife(true);
    hold(this.detector.missed === 0 && !this.detector.pathAlive, 'a ping was ignored');
    this.#judge();
    hold(
      this.judgement === 'alive' || (before === 'dead' && this.judgement === 'suspect'),
      'a ping did not help',
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

  #signOfLife(ping: boolean): void {
    this.#silent = 0;
    this.#pingless = ping ? 0 : this.#pingless;
    this.#suspicion = 0;
  }

  #advance(to: number): void {
    this.#live(to - this.now);
    this.now = to;
  }

  /** What is no time may be taken for it: as long as no call is later than a slow timer may be. */
  #mistake(ms: number): void {
    const due = Math.max(0, this.detector.judgeAt - this.now);

    this.#live(ms - due > UNREPORTED ? due : Math.max(0, ms));
  }

  #live(ms: number): void {
    this.#silent += ms;
    this.#pingless += ms;
  }

  #judge(): void {
    const { detector, options } = this;
    const previous = this.judgement;

    this.judgement = detector.judge(this.now);

    if (this.judgement !== previous) {
      this.judgements.push(this.judgement);
      this.#checkEvidence(previous, options);
    }

    this.#check();
  }

  #checkEvidence(previous: Judgement, { suspectAfter, deadAfter, unresponsiveAfter }: DetectorOptions): void {
    const pingless = this.#pingless + ROUNDING;

    if (this.judgement === 'alive' || previous === 'dead') {
      this.#inTrouble &&= this.judgement !== 'alive';
      hold(this.#pingless === 0, 'better without a ping');
    } else {
      const enough =
        this.judgement === 'suspect'
          ? this.#inTrouble || pingless >= suspectAfter
          : this.#silent + ROUNDING >= deadAfter || pingless >= unresponsiveAfter;

      hold(enough, `${this.judgement} too soon: ${this.#silent}, ${this.#pingless}`);
      hold(this.#inTrouble || this.detector.missed >= 3, `${this.judgement} without evidence`);
    }
  }

  /** After every call: sets the timer anew, and looks at the figures. */
  #check(): void {
    this.#timerAt = Math.max(this.now, this.detector.judgeAt);

    const { judgeAt, missed, deadline, suspicion, wantsOpinion } = this.detector;

    hold(![judgeAt, missed, deadline].some(Number.isNaN), 'figures are numbers');
    hold(missed >= 0 && deadline >= this.options.interval, 'figures are in their range');
    hold(suspicion >= 0 && suspicion <= 1, 'suspicion is in its range');
    hold((suspicion === 1) === (this.#running && this.judgement === 'dead'), 'sure of the dead alone');

    if (this.#running) {
      hold(suspicion >= this.#suspicion - 1e-9, 'suspicion does not fall in silence');
      this.#suspicion = suspicion;
    } else {
      hold(judgeAt === Number.POSITIVE_INFINITY && !wantsOpinion, 'who is stopped wants nothing');
    }
  }
}
