import { encodeFrame } from '../codec.ts';
import type { DetectorOptions, FailureDetector } from '../detector/FailureDetector.ts';
import { FrameError } from '../FrameError.ts';
import { type Frame, GoodbyeCause } from '../frames.ts';
import type { Reason, StateChange } from '../Reason.ts';
import type { Recovered, Recovering } from '../Recovery.ts';
import type { Outage, Sample, Stats } from '../Stats.ts';
import { InputGate } from './InputGate.ts';
import { type Interruption, Interruptions } from './Interruptions.ts';
import { Judge, type Side } from './Judge.ts';
import type { PathCounters } from './PathProbe.ts';
import { Queue } from './Queue.ts';
import * as Timer from './timers.ts';

/** What an endpoint tells its owner, in order. */
export type EndpointEvent =
  /** The state or its reason changed. */
  | { type: 'change'; change: StateChange }
  /** A round trip was measured. */
  | { type: 'sample'; sample: Sample }
  /** An outage is over. */
  | { type: 'outage'; outage: Outage }
  /** The first frame of the peer had to be dropped. The rest is counted in `stats.malformed`. */
  | { type: 'dropped'; error: FrameError }
  /** A frame of the peer was not used, for this cause. Told only while {@link Endpoint.wantsDrops}. */
  | { type: 'drop'; cause: string | Error }
  /** The path of a silent peer is being restored. */
  | { type: 'recovering'; recovering: Recovering }
  /** It has brought the peer back. */
  | { type: 'recovered'; recovered: Recovered }
  /** A fault of our own: an input could not be handled. Nobody is judged by it. The rest is counted. */
  | { type: 'fault'; error: Error }
  /** The peer broke the protocol for good. Stop reading from it. */
  | { type: 'violation' };

/** How often a goodbye is sent: one frame is lost as often as any other. [HB-BYE-1] */
export const GOODBYE_COPIES = 3;

/**
 * Frames in a row that nothing acknowledged, after which the path of a hung peer is not alive any more. By itself a path
 * may carry nothing for longer than pings to a hung page are apart.
 */
const UNACKNOWLEDGED = 3;

/**
 * One side of a heartbeat, without mediasoup, DOM, timers or clock.
 *
 * Inputs go in, each with the time in ms of one clock, and change the state first. Then the caller sends what
 * {@link pollTransmit} returns, reads the transport where {@link pollPathProbe} says so, tells its listeners what
 * {@link poll} returns, and sets one timer for {@link nextTimeout}. An endpoint never calls out, so the caller may feed
 * it from anywhere, a listener included.
 *
 * This class holds the inputs and outputs that both sides have. `Judge`, which it builds on, draws the conclusions.
 * `ServerEndpoint` adds the pings in flight, `ClientEndpoint` the arrivals.
 */
export abstract class Endpoint extends Judge {
  protected readonly gate: InputGate;
  protected readonly interruptions: Interruptions;
  /** The agreed version. `undefined` until there is one. */
  protected version: number | undefined;
  /** Whether frames can be sent. */
  protected isOpen = false;
  /** Whether the peer broke the protocol, and is not read any more. */
  protected hasViolated = false;
  /** Whether the page is in the background. */
  protected hidden = false;
  /** Whether {@link poll} tells of each dropped frame, for a log. Set by the caller, at any time. */
  wantsDrops = false;
  /** Whether {@link poll} tells of each round trip. Set by the caller, at any time. */
  wantsSamples = true;
  readonly #frames = new Queue<Uint8Array>();
  readonly #events = new Queue<EndpointEvent>();
  /** Inputs that could not be handled by a fault of our own. */
  #faults = 0;

  protected constructor(side: Side, bounds: DetectorOptions, detector: FailureDetector, now: number) {
    super(side, bounds, detector, now);
    this.gate = new InputGate(now, side.unaskedFrames);
    this.interruptions = new Interruptions(this);
  }

  // Outputs

  /** The next frame to send. The caller may drop it: the protocol survives loss. */
  pollTransmit(): Uint8Array | undefined {
    return this.#frames.shift();
  }

  /** The next event to tell. */
  poll(): EndpointEvent | undefined {
    return this.#events.shift();
  }

  /** Whether to read the transport's counters now and pass them to {@link handlePath}. */
  pollPathProbe(): boolean {
    return this.path.poll();
  }

  /** When to call {@link handleTimeout} next. `Infinity`: not before another input. */
  get nextTimeout(): number {
    return this.clock.reading(this.timers.next);
  }

  /** Whether frames wait in a queue on the path, by its round trips. */
  get isQueueing(): boolean {
    return this.rtt.isQueueing;
  }

  // Inputs that both sides have

  /** A message came from the peer, whatever it is. */
  handleFrame(bytes: Uint8Array, now: number): void {
    const time = this.enter(now);

    if (this.version === undefined) {
      this.dropped('no version is agreed');
    } else if (this.hasViolated) {
      this.dropped('the peer broke the protocol before');
    } else {
      this.read(bytes, this.version, time, now);
    }

    this.leave(time);
  }

  /** The time of {@link nextTimeout} has come. */
  handleTimeout(now: number): void {
    const time = this.enter(now);

    this.interruptions.expire(time);

    if (this.timers.take(Timer.FirstAnswer, time)) {
      this.firstAnswerOverdue(time);
    }

    if (this.timers.take(Timer.PathProbe, time)) {
      this.probePath(time);
    }

    this.assess(time);
    this.act(time);
    this.leave(time);
  }

  handleStall(from: number, to: number): void {
    if (!(to > from)) {
      return;
    }

    // What was due, and was not called, stood still by then.
    this.clock.skip(Math.min(from, this.nextTimeout), to);

    const time = this.clock.at(to);

    this.stalled(time, to - from);
    this.#plan(time);
  }

  /** The transport's counters, wanted by {@link pollPathProbe}. `undefined`: they cannot be read. */
  handlePath(counters: PathCounters | undefined, now: number): void {
    const time = this.enter(now);
    const wasSilent = this.path.isSilent;

    if (counters === undefined) {
      this.path.answered();
    } else if (this.path.take(counters, this.rtt, time) && this.judging) {
      // What still comes from a peer that hears nothing, or that answers elsewhere, is no sign that it will answer here.
      if (this.trustsStack(time)) {
        this.detector.pathHeard(time);

        if (wasSilent) {
          this.restored(time);
        }
      }
    } else if (this.path.isSilent && this.detector.path.missed >= UNACKNOWLEDGED) {
      this.path.notAcknowledged();
    }

    this.leave(time);
  }

  /** The transport is in trouble, but may recover: suspects the peer at once, and makes sure. */
  handleDegraded(reason: Reason, now: number): void {
    const time = this.enter(now);

    // Silence that was noticed before is the better reason: the transport only confirms it.
    if (this.judging && this.state === 'alive' && !this.isHeld) {
      this.doubt(reason, time);
    }

    this.leave(time);
  }

  /** The network may have changed, by a hint that proves nothing: makes sure at once. */
  abstract handleHint(now: number): void;

  /** An interruption of at most `duration` ms is expected: no verdict gets worse meanwhile. The peer is told. */
  expectInterruption(duration: number, now: number): Interruption {
    const time = this.enter(now);
    const interruption = this.interruptions.announce(duration, time);

    this.leave(time);

    return interruption;
  }

  /** That interruption is over before its time. */
  endInterruption(interruption: Interruption, now: number): void {
    const time = this.enter(now);

    this.interruptions.end(interruption, time);
    this.leave(time);
  }

  /** ICE restarts: an interruption that a new connection ends. */
  handleRestart(duration: number, now: number): void {
    const time = this.enter(now);

    this.interruptions.announceRestart(duration, time);
    this.leave(time);
  }

  /** Says goodbye where the path is still up. Nothing is sent after it. [HB-BYE-1] */
  abstract depart(cause: number, now: number): void;

  /** Ends the heartbeat. Says goodbye, unless that has been done. */
  close(reason: Reason, now: number): void {
    const time = this.enter(now);

    this.goodbye(reason === 'heartbeat-closed' ? GoodbyeCause.HeartbeatOff : GoodbyeCause.TransportClosing);
    this.isOpen = false;
    this.stopJudging();
    this.interruptions.clear();
    this.timers.clearAll();
    this.path.reset();
    this.signal('close', reason, time);
  }

  /**
   * An input threw: a fault of our own, or of a failure detector that was passed in. It is told, and nobody is judged from
   * now on: it would throw again.
   */
  fail(error: unknown): void {
    this.#fault(error);
    this.stopJudging();
    this.timers.clearAll();
  }

  /** The figures as of now. */
  abstract stats(now: number): Stats;

  // What a side adds

  /** A well-formed frame came. Throws a {@link FrameError} where it cannot be right at this time. */
  protected abstract take(frame: Frame, time: number): void;
  /** Does what is due, besides judging. */
  protected abstract act(time: number): void;
  /** Sets the timers of this side. */
  protected abstract plan(time: number): void;
  protected abstract firstAnswerOverdue(time: number): void;

  protected get isHeld(): boolean {
    return this.interruptions.isHeld;
  }

  protected changed(change: StateChange, _time: number): void {
    this.tell({ type: 'change', change });
  }

  /**
   * The last announced interruption is over. Called by {@link Interruptions}.
   *
   * @internal
   */
  interruptionsOver(time: number): void {
    if (this.judging) {
      this.judgeAnew(time);
    }
  }

  /** It is time to read the transport's counters. */
  protected probePath(time: number): void {
    if (this.missed === 0 && this.state === 'alive') {
      this.path.glance(time);
    } else {
      this.path.ask(time);
      this.pathProbed();
    }
  }

  /** The transport's counters are about to be read. */
  protected pathProbed(): void {}

  // What a side uses

  /** Begins an input. Returns its time by the endpoint's own clock. */
  protected enter(now: number): number {
    if (this.clock.late(now, this.timers.next) > this.side.unreportedStall) {
      this.handleStall(this.clock.reading(this.clock.latest), now);
    }

    return this.clock.at(now);
  }

  /** Ends an input: judges, and sets the timers anew. */
  protected leave(time: number): void {
    this.assess(time);
    this.#plan(time);
  }

  /** A frame of the peer is not used. */
  protected dropped(cause: string | Error): void {
    if (this.wantsDrops) {
      this.tell({ type: 'drop', cause });
    }
  }

  protected tell(event: EndpointEvent): void {
    this.#events.push(event);
  }

  /** Tells of an outage that is over. After the end nothing is told, also if figures are read then. */
  protected readonly outageOver = (outage: Outage): void => {
    if (this.state !== 'closed') {
      this.tell({ type: 'outage', outage });
    }
  };

  /**
   * Sends a frame where the path is up. Called by {@link Interruptions}, too.
   *
   * @internal
   */
  send(frame: Frame): void {
    if (this.isOpen) {
      this.transmit(frame);
    }
  }

  protected transmit(frame: Frame): void {
    if (this.version !== undefined) {
      this.#frames.push(encodeFrame(frame, this.version));
    }
  }

  protected goodbye(cause: number): void {
    for (let copy = 0; copy < GOODBYE_COPIES; copy++) {
      this.send({ type: 'goodbye', cause });
    }
  }

  /** The peer broke the protocol: nothing of it is read any more. */
  protected violated(time: number): void {
    this.hasViolated = true;
    this.stopJudging();
    this.timers.clearAll();
    this.signal('end', 'protocol-violation', time);
    this.tell({ type: 'violation' });
  }

  /** Reads a message of the agreed version. */
  protected read(bytes: Uint8Array, version: number, time: number, now: number): void {
    try {
      const frame = this.gate.admit(bytes, version, now);

      if (frame === undefined) {
        this.dropped('the peer sends too much');
        this.violated(time);
      } else {
        this.take(frame, time);
      }
    } catch (error) {
      this.dropped(error as Error);

      if (!(error instanceof FrameError)) {
        this.#fault(error);
      } else if (!this.gate.refuse(error)) {
        this.violated(time);
      } else if (this.gate.malformed === 1) {
        this.tell({ type: 'dropped', error });
      }
    }
  }

  /** The figures that both sides take from here. */
  protected commonStats(now: number): {
    at: number;
    malformed: number;
    internalErrors: number;
    localHealth: 'well';
    lastSeenAt: number | undefined;
    silentFor: number;
    upSince: number | undefined;
    hidden: boolean;
  } {
    return {
      at: now,
      malformed: this.gate.malformed,
      internalErrors: this.#faults,
      localHealth: 'well',
      lastSeenAt: this.lastSeenAt,
      silentFor: this.silentFor(now),
      upSince: this.upSince,
      hidden: this.hidden,
    };
  }

  #fault(error: unknown): void {
    if (this.#faults++ === 0) {
      this.tell({ type: 'fault', error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  #plan(time: number): void {
    this.planJudging(time);
    this.timers.set(Timer.InterruptionEnd, this.interruptions.nextAt);
    this.plan(time);
  }
}
