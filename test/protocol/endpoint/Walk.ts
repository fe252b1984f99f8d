import {
  AdaptiveDetector,
  type DetectorOptions,
  type Endpoint,
  type Evidence,
  encodeFrame,
  type Frame,
  type State,
  type StateChange,
} from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { hold } from './hold.ts';

/** Times are rounded when they are converted between the clocks: see INSTANT. */
const ROUNDING = 0.01;

/** What may happen to an endpoint, in any order. Times in ms. */
export type WalkEvent =
  /** Time passes, in which signs of life come after, or each, `delay` ms, or never. */
  | { kind: 'pass'; ms: number; delay: number | undefined }
  /** The own process stands still, tells the endpoint or not, and reads what waited within `drain`. */
  | { kind: 'stall'; ms: number; drain: number; reported: boolean }
  /** The clock is set. */
  | { kind: 'step'; ms: number }
  /** Whether the transport has received something when it is read next. */
  | { kind: 'stack'; isHeard: boolean }
  | { kind: 'degraded' }
  /** Judging begins anew, with a sign of life. */
  | { kind: 'start' }
  | { kind: 'stop' };

export const stall: fc.Arbitrary<WalkEvent> = fc.record({
  kind: fc.constant('stall' as const),
  ms: fc.integer({ min: 1, max: 30_000 }),
  drain: fc.integer({ min: 0, max: 200 }),
  reported: fc.boolean(),
});

export const step: fc.Arbitrary<WalkEvent> = fc.record({
  kind: fc.constant('step' as const),
  ms: fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -1e8, max: 1e8 })),
});

/** Any order of anything, with signs of life that take, or are apart, as long as this. */
export function anything(delay: fc.Arbitrary<number>): fc.Arbitrary<WalkEvent[]> {
  const pass = fc.record({
    kind: fc.constant('pass' as const),
    ms: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 12_000 })),
    delay: fc.option(delay, { nil: undefined }),
  });
  const others = fc.oneof(
    fc.record({ kind: fc.constant('stack' as const), isHeard: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('degraded' as const, 'start' as const, 'stop' as const) }),
  );

  return fc.array(fc.oneof({ weight: 5, arbitrary: pass }, { weight: 2, arbitrary: stall }, step, others), {
    maxLength: 40,
    size: 'max',
  });
}

/** A sign of life that is on its way. When it comes it may be too late to be expected. */
type Arrival = { at: number; frame: Frame; isExpected: () => boolean };

/** The real detector, and how often it was told of a sign of life, or to begin anew. */
class CountingDetector extends AdaptiveDetector {
  peerSigns = 0;
  pathSigns = 0;

  override begin(now: number): void {
    this.peerSigns++;
    super.begin(now);
  }

  override heard(now: number, provenAt: number, inTime: boolean): void {
    this.peerSigns++;
    super.heard(now, provenAt, inTime);
  }

  override pathHeard(now: number): void {
    this.pathSigns++;
    super.pathHeard(now);
  }
}

/**
 * Leads an endpoint through events as its owner would, on a clock that may lie, and holds after every input what
 * has to hold always: no change without evidence, no sign of life ignored, suspicion that only grows in silence.
 */
export abstract class Walk {
  readonly bounds: DetectorOptions;
  /** The reading of the clock. */
  now = 1_000_000;
  /** All states that were another than the one before, the first one apart. */
  readonly states: State[] = [];
  abstract readonly endpoint: Endpoint & { readonly figures: Evidence };
  protected readonly detector: CountingDetector;
  protected delay: number | undefined;
  protected arrivals: Arrival[] = [];
  protected isRunning = false;
  /** From which states one sign of life is not enough. */
  protected abstract readonly doubted: readonly State[];
  /** A call later than this counts as a stall that nobody reported. */
  readonly #unreported: number;
  /** When the owner's timer fires. It runs on, whatever the clock says. */
  #timerAt = Number.POSITIVE_INFINITY;
  #signs = { peer: 0, path: 0 };
  #stackHeard = false;
  #received = 0;
  #isDegraded = false;
  /** For how long, stalls left out, the peer was not heard, and nothing of the path either. */
  #peerSilent = 0;
  #pathSilent = 0;
  #suspicion = 0;

  protected constructor(bounds: DetectorOptions, side: 'server' | 'client', unreported: number) {
    this.bounds = bounds;
    this.detector = new CountingDetector(bounds, side);
    this.#unreported = unreported;
  }

  get state(): State {
    return this.endpoint.state;
  }

  apply(event: WalkEvent): this {
    switch (event.kind) {
      case 'pass': {
        this.delay = event.delay;
        this.passes(event.delay);
        this.#pass(this.now + event.ms);
        break;
      }
      case 'stall': {
        this.#stall(event.ms, event.drain, event.reported);
        break;
      }
      case 'step': {
        this.#live(event.ms);
        this.now += event.ms;
        this.#timerAt += event.ms;
        this.#delay(event.ms);
        this.stepped();
        break;
      }
      case 'stack': {
        this.#stackHeard = event.isHeard;
        break;
      }
      case 'degraded': {
        this.#isDegraded ||= this.isRunning && this.state === 'alive';
        this.endpoint.handleDegraded('ice-disconnected', this.now);
        this.settle();
        break;
      }
      case 'start': {
        this.isRunning = true;
        this.#isDegraded = false;
        this.#stackHeard = false;
        this.delay = 0;
        this.start();
        break;
      }
      case 'stop': {
        this.stop();
        this.isRunning = false;
        this.settle();
      }
    }

    hold(this.endpoint.stats(this.now).evidence.deadline > 0, 'an answer takes its time');

    return this;
  }

  /** Begins to judge anew, and hears a sign of life. */
  protected abstract start(): void;
  protected abstract stop(): void;
  /** The clock was set. */
  protected stepped(): void {}
  /** Time is about to pass. */
  protected passes(_delay: number | undefined): void {}
  /** A sign of life came. */
  protected arrived(): void {}

  protected arrives(arrival: Arrival): void {
    this.arrivals.push(arrival);
    this.arrivals.sort((a, b) => a.at - b.at);
  }

  protected wake(): void {
    this.endpoint.handleTimeout(this.now);
    this.settle();
  }

  protected receive({ frame, isExpected }: Arrival): void {
    const isKnown = isExpected();
    const before = this.state;
    const { peerSigns } = this.detector;

    this.endpoint.handleFrame(encodeFrame(frame, 1), this.now);
    this.settle();

    if (isKnown) {
      hold(this.detector.peerSigns > peerSigns, 'a sign of life was ignored');
      hold(this.endpoint.figures.suspicion < 1, 'a sign of life left no doubt');
      hold(this.state === 'alive' || this.doubted.includes(before), 'a sign of life did not help');
    }

    this.arrived();
  }

  /** After every input: does what the endpoint wants done, sets the timer anew, and looks at everything. */
  protected settle(): void {
    this.#countSigns();

    for (let event = this.endpoint.poll(); event !== undefined; event = this.endpoint.poll()) {
      hold(['change', 'sample', 'outage'].includes(event.type), `unexpected: ${event.type}`);

      if (event.type === 'change' && event.change.state !== event.change.previous) {
        this.#checkChange(event.change);
      }
    }

    if (this.endpoint.pollPathProbe()) {
      this.#received += this.#stackHeard ? 1 : 0;
      this.#stackHeard = false;
      this.endpoint.handlePath({ received: this.#received }, this.now);
      this.settle();
    }

    this.#timerAt = Math.max(this.now, this.endpoint.nextTimeout);
    this.#checkFigures();
  }

  #pass(end: number): void {
    for (;;) {
      const next = Math.min(this.#timerAt, this.arrivals[0]?.at ?? Number.POSITIVE_INFINITY);

      if (next > end) {
        break;
      }

      this.#advance(Math.max(this.now, next));

      const arrival = this.arrivals[0];

      if (arrival !== undefined && arrival.at <= this.now) {
        this.arrivals.shift();
        this.receive(arrival);
      } else {
        this.wake();
      }
    }

    this.#advance(end);
  }

  #stall(ms: number, drain: number, reported: boolean): void {
    const from = this.now;
    const to = from + ms;

    // What came meanwhile is read after the stall, and so are timers.
    for (const arrival of this.arrivals) {
      arrival.at = arrival.at < to ? to + drain : arrival.at;
    }

    if (!reported) {
      this.#live(ms);
    }

    this.now = to;
    this.delay = undefined;

    if (reported) {
      this.endpoint.handleStall(from, to);
    }

    this.wake();
  }

  #delay(ms: number): void {
    for (const arrival of this.arrivals) {
      arrival.at += ms;
    }
  }

  #advance(to: number): void {
    this.#live(to - this.now);
    this.now = to;
  }

  /** Silence is what the owner lived through: no steps back, and nothing that has to be taken for a stall. */
  #live(ms: number): void {
    const due = Math.max(0, this.endpoint.nextTimeout - this.now);
    const lived = ms - due > this.#unreported ? due : Math.max(0, ms);

    this.#peerSilent += lived;
    this.#pathSilent += lived;
  }

  #countSigns(): void {
    const { peerSigns, pathSigns } = this.detector;

    if (peerSigns > this.#signs.peer || pathSigns > this.#signs.path) {
      this.#peerSilent = peerSigns > this.#signs.peer ? 0 : this.#peerSilent;
      this.#pathSilent = 0;
      this.#suspicion = 0;
      this.#signs = { peer: peerSigns, path: pathSigns };
    }
  }

  #checkChange({ state, previous }: StateChange): void {
    const { suspectAfter, deadAfter, unresponsiveAfter } = this.bounds;
    const peerSilent = this.#peerSilent + ROUNDING;

    if (previous !== 'pending') {
      this.states.push(state);
    }

    if (state === 'alive') {
      this.#isDegraded = false;
      hold(this.#peerSilent === 0, 'alive without a sign of life');
    } else if (state !== 'pending') {
      const isEnough =
        state === 'suspect'
          ? this.#isDegraded || peerSilent >= suspectAfter
          : this.#pathSilent + ROUNDING >= deadAfter || peerSilent >= unresponsiveAfter;

      hold(isEnough, `${state} too soon: ${this.#pathSilent}, ${this.#peerSilent}`);
      hold(this.#isDegraded || this.endpoint.figures.missed >= 3, `${state} without evidence`);
    }
  }

  #checkFigures(): void {
    const { figures, nextTimeout } = this.endpoint;
    const { missed, suspicion } = figures;

    hold(!Number.isNaN(nextTimeout) && missed >= 0, 'figures are numbers');
    hold(suspicion >= 0 && suspicion <= 1, 'suspicion is in its range');
    hold(suspicion < 1 || (this.isRunning && this.state === 'dead'), 'sure of the dead alone');

    if (this.isRunning) {
      hold(suspicion === 1 || this.state !== 'dead' || this.#suspicion < 1, 'sure of the dead');
      hold(suspicion >= this.#suspicion - 1e-9, 'suspicion does not fall in silence');
      this.#suspicion = suspicion;
    } else {
      this.#suspicion = 0;
      hold(nextTimeout === Number.POSITIVE_INFINITY, 'an endpoint that is stopped wants nothing');
    }
  }
}
