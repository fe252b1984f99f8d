import { MAX_TICKS, TICKS_PER_MS } from '../constants.ts';
import type { DetectorOptions, FailureDetector } from '../detector/FailureDetector.ts';
import { FrameError } from '../FrameError.ts';
import {
  type Frame,
  type Goodbye,
  GoodbyeCause,
  MAX_SILENCE,
  PauseCause,
  type Ping,
  REPORT_STATES,
  UNKNOWN_LOSS,
} from '../frames.ts';
import type { Reason, State, StateChange } from '../Reason.ts';
import type { Stats } from '../Stats.ts';
import { fromWire, MODULUS } from '../sequence.ts';
import { Arrivals } from './Arrivals.ts';
import { Endpoint, GOODBYE_COPIES } from './Endpoint.ts';
import { INTERRUPTION } from './Interruptions.ts';
import type { Side } from './Judge.ts';
import { probeStep } from './PingSchedule.ts';
import { INSTANT } from './StallAdjustedClock.ts';
import * as Timer from './timers.ts';

/** What the client side needs to know. Times in ms. */
export type ClientEndpointOptions = {
  /** The bounds within which the server is judged. `interval` is the server's, from the descriptor. */
  bounds: DetectorOptions;
  detector: FailureDetector;
  /** The agreed version. `undefined`: there is no server side. */
  version: number | undefined;
  /** The first ping has to come within this time of the channel's opening. */
  firstPingTimeout: number;
  /** A random unsigned 32 bit integer that names this client side. */
  instance: number;
  /** The time of creation. */
  now: number;
};

/** How the server sees this client, by its latest report. */
export type PeerReport = {
  /** The server's state for this client. */
  state: State;
  /** Its smoothed RTT in ms. */
  rtt: number | undefined;
  /** Its loss figures, as fractions. */
  loss: { downlink: number | undefined; uplink: number | undefined };
  /** When the report came (see `StateChange.at`). */
  at: number;
};

/** How often a hello is sent until the first ping comes, one an interval. [HB-HELLO-2] */
const HELLO_COPIES = 5;

/** Hellos to a silent server until it pings again, at most. Its input gate has room for all of them. [HB-HELLO-3] */
const PROBING_HELLOS = 120;

/** A ping that is older than the latest so many is ignored. [HB-PING-5] */
const WINDOW = 128;

/** No two pings of an honest server are closer than this, in ms. [HB-PING-4] */
const CLOSEST_PINGS = 25;

/** How much later than the interval a ping may come before it is overdue, in ms, and in usual delays. */
const LEAST_MARGIN = 150;
const VARIATIONS = 4;
const SMOOTHING = 1 / 8;

/**
 * A miss that is counted this many steps late was held up by a local stall that nobody reported. Two in a row are not:
 * then the timers are slow, as those of a hidden page are.
 */
const LATE_STEPS = 2.5;

/** Pings that make a dead server alive. A suspect one needs a single ping: after a stall it pings at its usual pace. */
const PINGS = 2;

const CLIENT: Side = {
  first: 'first-ping',
  unresponsive: 'server-unresponsive',
  unreportedStall: 1500,
  // Probes, and what the server reports beside them.
  unaskedFrames: 30,
};

/**
 * The side that answers, and judges the server by the pings that arrive. What it holds: the arrivals, and what the page
 * has announced.
 *
 * Pings are answered within the input that brings them, never by a timer: those of a page may be throttled.
 */
export class ClientEndpoint extends Endpoint {
  readonly #options: ClientEndpointOptions;
  readonly #arrivals: Arrivals;
  /** A server that misses an answer probes this often: each step of silence is a miss. */
  readonly #step: number;
  /** How much later than expected pings usually come, in ms. */
  #delay = 0;
  /** When the ping with the highest number came. */
  #highestAt = 0;
  /** When the next ping is overdue. */
  #overdueAt = Number.POSITIVE_INFINITY;
  /** Whether the latest miss was counted late. */
  #wasLate = false;
  #hellosLeft = 0;
  #probingHellosLeft = PROBING_HELLOS;
  /** One side has said goodbye: what still comes was sent before. */
  #hasLeft = false;
  /** What this side has said goodbye with last. */
  #goodbye: Goodbye | undefined;
  /** Why the connection failed within an announced interruption. It is judged when that is over. */
  #failedFor: Reason | undefined;
  #hasGivenUp = false;
  #report: PeerReport | undefined;

  constructor(options: ClientEndpointOptions) {
    super(CLIENT, options.bounds, options.detector, options.now);
    this.#options = options;
    this.#arrivals = new Arrivals(options.bounds.interval, this.clock, this.outageOver);
    this.#step = probeStep(options.bounds.interval);
    this.version = options.version;
  }

  /** How the server sees this client. `undefined` before its first report. */
  get report(): PeerReport | undefined {
    return this.#report;
  }

  /** There is no server side or no channel to it, or none yet. The server has not been heard, and this is why. */
  decline(reason: Reason, now: number): void {
    const time = this.enter(now);

    if (this.state === 'pending') {
      this.signal('wait', reason, time);
    }

    this.leave(time);
  }

  /** Whether there will be no channel, so that nothing of the server is ever judged. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** There will be no channel, so nothing of the server is ever judged. `reason` says why. */
  giveUp(reason: Reason, now: number): void {
    this.decline(reason, now);
    this.#hasGivenUp = true;
    this.version = undefined;
  }

  /** The channel is open: asks for the first ping. */
  opened(now: number): void {
    const time = this.enter(now);

    this.isOpen = true;

    if (this.state === 'closed') {
      // It was closed after the server had been told that somebody would answer.
      this.#repeatGoodbye(GOODBYE_COPIES);
    } else {
      this.timers.set(Timer.FirstAnswer, time + this.#options.firstPingTimeout);
      this.#startHellos(time);
    }

    this.leave(time);
  }

  override handleTimeout(now: number): void {
    const late = this.#late(now);

    super.handleTimeout(now);

    if (late + INSTANT >= 0) {
      this.#wasLate = late > LATE_STEPS * this.#step;
    }
  }

  /** The connection is up, for the first time or again: what our own ICE restart announced is over. */
  connected(now: number): void {
    const time = this.enter(now);

    this.#failedFor = undefined;
    this.interruptions.reconnected(time);
    this.#probeWithHello();
    this.leave(time);
  }

  /** The path is another one: what was measured on the one before says nothing of it. [HB-RTT-5] */
  handleOtherPath(now: number): void {
    const time = this.enter(now);

    this.rtt.reset();
    this.#arrivals.forgetLoss();
    this.leave(time);
  }

  handleHint(now: number): void {
    const time = this.enter(now);

    this.#probeWithHello();
    this.leave(time);
  }

  /**
   * The path is down for good, or until an ICE restart. A connection that fails within an announced interruption is judged
   * when that is over. A server that was never heard, or has switched its heartbeat off, is not judged by it.
   */
  disconnected(reason: Reason, now: number): void {
    const time = this.enter(now);

    if (reason === 'connection-failed' && this.isHeld) {
      this.#failedFor = reason;
    } else {
      this.#disconnected(reason, time);
    }

    this.leave(time);
  }

  /** The page went into the background, or came back. It answers as before. */
  setHidden(hidden: boolean, now: number): void {
    const time = this.enter(now);

    if (hidden !== this.hidden) {
      this.hidden = hidden;
      this.send(
        hidden
          ? { type: 'paused', cause: PauseCause.Hidden, duration: 0 }
          : { type: 'resumed', cause: PauseCause.Hidden },
      );
    }

    this.leave(time);
  }

  /** The browser is about to freeze the page: says so, and stops judging. */
  freeze(now: number): void {
    const time = this.enter(now);

    this.send({ type: 'paused', cause: PauseCause.Frozen, duration: 0 });
    this.#fallSilent();
    this.leave(time);
  }

  /** The page runs again: says so, and judges anew. */
  thaw(now: number): void {
    const time = this.enter(now);

    this.send({ type: 'resumed', cause: PauseCause.Frozen });
    this.#resume(time);
    this.leave(time);
  }

  /** The page or the transport is closing: says so, and keeps silent until {@link returned}. */
  depart(cause: number, now: number): void {
    const time = this.enter(now);

    this.#depart(cause);
    this.leave(time);
  }

  /** The page has come back from the browser's back/forward cache with its channel intact. */
  returned(now: number): void {
    const time = this.enter(now);

    this.#hasLeft = false;
    this.#goodbye = undefined;
    this.#startHellos(time);
    this.#resume(time);
    this.leave(time);
  }

  /** The figures as of now. */
  stats(now: number): Stats {
    return {
      rtt: this.rtt.stats(),
      loss: this.#arrivals.loss(this.clock.timeOf(now)),
      outages: this.#arrivals.outages,
      sent: this.#arrivals.answers,
      received: this.#arrivals.received,
      late: this.#arrivals.late,
      lost: this.#arrivals.lost,
      ...this.commonStats(now),
      evidence: this.evidence(this.#patience),
    };
  }

  /** Also when closed: a server that has not heard the goodbye is told again, and the gate still stops floods. */
  protected take(frame: Frame, time: number): void {
    if (this.#hasLeft || this.state === 'closed') {
      this.dropped('it came after a goodbye');

      // A server that still pings has not heard the goodbye: all copies were lost, or came too early. [HB-BYE-4]
      if (frame.type === 'ping') {
        this.#repeatGoodbye();
      }

      return;
    }

    switch (frame.type) {
      case 'ping': {
        this.#takePing(frame, time);
        break;
      }
      case 'report': {
        this.#report = {
          state: REPORT_STATES[frame.state] ?? 'pending',
          rtt: frame.rtt === MAX_TICKS ? undefined : frame.rtt / TICKS_PER_MS,
          loss: { downlink: fromThousandths(frame.downlink), uplink: fromThousandths(frame.uplink) },
          at: this.clock.reading(time),
        };
        break;
      }
      case 'goodbye': {
        this.#takeGoodbye(frame.cause, time);
        break;
      }
      case 'paused': {
        if (frame.cause === PauseCause.Interruption) {
          this.interruptions.peerAnnounced(Math.min(frame.duration, INTERRUPTION.max), time);
        }

        break;
      }
      case 'resumed': {
        if (frame.cause === PauseCause.Interruption) {
          this.interruptions.peerResumed(time);
        }

        break;
      }
      default: {
        throw new FrameError('type', `a ${frame.type} does not come from a server`);
      }
    }
  }

  protected override enter(now: number): number {
    const late = this.#late(now);

    // The timers of a hidden page are always late.
    if (
      !this.hidden &&
      !this.#wasLate &&
      late > LATE_STEPS * this.#step &&
      late <= this.side.unreportedStall
    ) {
      this.handleStall(now - late, now);
    }

    return super.enter(now);
  }

  protected act(time: number): void {
    if (this.timers.take(Timer.Hello, time)) {
      this.#sendHello(time);
    }
  }

  protected plan(): void {}

  protected get overdueAt(): number {
    return this.#overdueAt;
  }

  protected takeOverdue(): number {
    const missedAt = this.#overdueAt;

    this.#overdueAt += this.#step;

    return missedAt;
  }

  protected expect(time: number): void {
    this.#wasLate = false;
    this.#overdueAt = time + this.#patience;
  }

  protected forgetExpected(drainedAt: number): void {
    this.#overdueAt = Math.max(this.#overdueAt, drainedAt);
    this.#arrivals.forgetAnswers();
  }

  protected returnsFor(state: State): number {
    return state === 'dead' ? PINGS : 1;
  }

  protected endsReturn(_askedAt: number, time: number): boolean {
    // However rarely a server pings, two pings count together unless it could have died between them.
    return time - this.detector.peer.since >= this.bounds.deadAfter;
  }

  protected firstAnswerOverdue(time: number): void {
    this.signal('wait', 'no-answer', time);
  }

  /** @internal */
  override interruptionsOver(time: number): void {
    const reason = this.#failedFor;

    this.#failedFor = undefined;

    if (reason !== undefined) {
      this.#disconnected(reason, time);
    } else {
      super.interruptionsOver(time);
    }
  }

  /**
   * Lets the server's network stack be heard: it acknowledges a hello even while its process hangs. By itself a path may
   * carry nothing for longer than it takes to be dead (in Firefox 6 s). A busy path gets none. [HB-HELLO-3]
   *
   * To a silent path it says that nothing comes: perhaps only the way to this client is lost. [HB-HELLO-6]
   */
  protected override pathProbed(): void {
    if (!this.path.isBusy) {
      this.#probeWithHello();
    }
  }

  protected override changed(change: StateChange, time: number): void {
    super.changed(change, time);

    if (change.state === 'suspect' && change.previous === 'alive') {
      this.#probeWithHello();
    }
  }

  /** How long the next ping is waited for, in ms. */
  get #patience(): number {
    return this.bounds.interval + Math.max(LEAST_MARGIN, VARIATIONS * this.#delay);
  }

  /** By how much a time comes after the next miss is to be counted, in ms. */
  #late(now: number): number {
    return this.clock.late(now, this.timers.at(Timer.Miss));
  }

  #takePing(ping: Ping, time: number): void {
    const seq = this.#numberOf(ping, time);

    // It waited so long that the server does not wait for its answer any more. [HB-PING-5]
    if (seq <= this.#arrivals.highest - WINDOW) {
      this.dropped('a ping that waited too long');

      return;
    }

    const arrival = this.#arrivals.arrived(seq, ping, time);

    if (arrival === 'duplicate') {
      throw new FrameError('field', 'duplicate ping');
    } else if (arrival === 'next') {
      this.#highestAt = this.clock.reading(time);
    }

    // A path that was given up has come back, as it does with an ICE restart.
    this.isOpen = true;
    // The answer first: everything else would be part of the round trip.
    this.send({
      type: 'pong',
      seq: ping.seq,
      token: ping.token,
      // Answered within the input. A client that is slower may say for how long it held the ping. [HB-RTT-2]
      hold: 0,
      seen: this.#arrivals.seenBefore(seq),
      hidden: this.hidden ? 1 : 0,
    });
    this.#arrivals.answered(seq, time);
    this.timers.clear(Timer.Hello);
    this.timers.clear(Timer.FirstAnswer);
    this.#probingHellosLeft = PROBING_HELLOS;
    this.#failedFor = undefined;
    // A hidden page's timers may not have fired yet. What they would have counted belongs to what is learned of the link.
    if (this.hidden && this.judging) {
      this.countOverdue(time);
    }

    this.interruptions.proven(time);
    this.#measure(ping, seq, time);
    this.heard(time);

    if (!this.judging) {
      this.#resume(time);
    }

    this.#learnDelay(time);
    this.proven(time, time, this.missed === 0);
    this.expect(time);
  }

  /**
   * The number of a ping: the nearest to the highest so far. What seems to be long past is a round of 16 bits further
   * where enough time has passed for so many pings: all before it were lost. [HB-PING-5]
   */
  #numberOf({ seq: wire }: Ping, time: number): number {
    const { highest } = this.#arrivals;
    const seq = fromWire(wire, Math.max(0, highest));
    const next = seq + MODULUS;
    const isPast = seq <= highest - WINDOW;

    // By the caller's clock: the server goes on to ping while this page stands still.
    const passed = this.clock.reading(time) - this.#highestAt;

    return isPast && passed >= (next - highest) * CLOSEST_PINGS ? next : seq;
  }

  #learnDelay(time: number): void {
    const { interval } = this.bounds;
    const late = Math.min(interval / 2, Math.max(0, time - this.detector.peer.since - interval));

    this.#delay += (late - this.#delay) * SMOOTHING;
  }

  /** The client's own RTT: from its pong to this ping, less the time for which the server held the pong. [HB-RTT-3] */
  #measure(ping: Ping, seq: number, time: number): void {
    if (ping.ack === 0 || ping.ackHold === MAX_TICKS) {
      return;
    }

    const acked = seq - ping.ack;
    const answeredAt = this.#arrivals.takeAnsweredAt(acked);

    if (answeredAt !== undefined) {
      const hold = ping.ackHold / TICKS_PER_MS;
      const rtt = Math.max(0, time - answeredAt - hold);

      // The server has sent it within that time, and all that it sent before came before.
      this.gate.bucket.caughtUp(rtt, 0);
      this.rtt.add(rtt);

      if (this.wantsSamples) {
        this.tell({
          type: 'sample',
          sample: { rtt, hold, seq: acked, at: this.clock.reading(time), late: false },
        });
      }
    }
  }

  #takeGoodbye(cause: number, time: number): void {
    this.#hasLeft = true;
    this.timers.clear(Timer.FirstAnswer);
    this.#fallSilent();

    if (cause === GoodbyeCause.HeartbeatOff) {
      this.signal('wait', 'no-server-half', time);
    } else {
      this.signal('end', 'goodbye', time);
    }
  }

  #disconnected(reason: Reason, time: number): void {
    this.#fallSilent();
    this.isOpen = false;
    this.timers.clear(Timer.FirstAnswer);

    if (this.#hasGivenUp || this.reason === 'no-server-half') {
      return;
    } else if (this.#arrivals.highest < 0 && this.state === 'pending') {
      this.signal('wait', 'not-connected', time);
    } else {
      this.signal('end', reason, time);
    }
  }

  /** The last one, as this is closed: after another goodbye, of either side, it says nothing new. */
  protected override goodbye(cause: number): void {
    if (!this.#hasLeft) {
      this.#depart(cause);
    }
  }

  #depart(cause: number): void {
    this.#goodbye = { type: 'goodbye', cause };
    super.goodbye(cause);
    this.#hasLeft = true;
    this.timers.clear(Timer.FirstAnswer);
    this.#fallSilent();
  }

  #repeatGoodbye(copies = 1): void {
    for (let copy = 0; this.#goodbye !== undefined && copy < copies; copy++) {
      this.transmit(this.#goodbye);
    }
  }

  #resume(time: number): void {
    if (this.isOpen && this.#arrivals.highest >= 0) {
      this.judgeAnew(time);
    }
  }

  #fallSilent(): void {
    this.stopJudging();
    this.timers.clear(Timer.Hello);
  }

  #startHellos(time: number): void {
    this.#hellosLeft = HELLO_COPIES;
    this.#sendHello(time);
  }

  #sendHello(time: number): void {
    this.#hellosLeft--;

    if (this.#hellosLeft > 0) {
      this.timers.set(Timer.Hello, time + this.bounds.interval);
    }

    this.#sayHello();
  }

  /** Asks for a ping, and for the acknowledgement of the server's network stack. */
  #probeWithHello(): void {
    if (this.judging && this.#probingHellosLeft > 0) {
      this.#probingHellosLeft--;
      this.#sayHello();
    }
  }

  #sayHello(): void {
    const { isAlive } = this.path;
    const hearsNothing = this.judging && this.missed > 0 && this.state !== 'alive' && !isAlive;
    const silence = Math.round(this.clock.latest - this.detector.peer.since);

    this.send({
      type: 'hello',
      instance: this.#options.instance,
      hidden: this.hidden ? 1 : 0,
      ...(hearsNothing && { silence: Math.min(silence, MAX_SILENCE) }),
    });
  }

  /**
   * After a goodbye nothing is sent but the goodbye again.
   *
   * @internal
   */
  override send(frame: Frame): void {
    if (!this.#hasLeft) {
      super.send(frame);
    }
  }
}

function fromThousandths(thousandths: number): number | undefined {
  return thousandths === UNKNOWN_LOSS ? undefined : thousandths / 1000;
}
