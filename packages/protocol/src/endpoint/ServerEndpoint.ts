import { MAX_HOLD, MAX_TICKS, SUPPORTED_VERSIONS, TICKS_PER_MS } from '../constants.ts';
import type { DetectorOptions, FailureDetector } from '../detector/FailureDetector.ts';
import { FrameError } from '../FrameError.ts';
import {
  type Frame,
  GoodbyeCause,
  PauseCause,
  type Ping,
  type Pong,
  REPORT_STATES,
  UNKNOWN_LOSS,
} from '../frames.ts';
import type { Reason, State, StateChange } from '../Reason.ts';
import type { Stats } from '../Stats.ts';
import { lastBefore, MODULUS, toWire } from '../sequence.ts';
import type { Side } from './Judge.ts';
import type { LocalHealth } from './LocalHealth.ts';
import { Pace, PingSchedule } from './PingSchedule.ts';
import { LOST_AFTER, PingsInFlight } from './PingsInFlight.ts';
import { Return } from './Return.ts';
import { ServerJudge } from './ServerJudge.ts';
import { INSTANT } from './StallAdjustedClock.ts';
import * as Timer from './timers.ts';
import { PINGS_REMEMBERED } from './UnsettledPings.ts';

/** What the server side needs to know. Times in ms. */
export type ServerEndpointOptions = {
  bounds: DetectorOptions;
  detector: FailureDetector;
  /** The first pong has to come within this time of the client's acceptance, even if its transport still receives something. */
  firstPongTimeout: number;
  /** A page that said that it is frozen is not dead before this time. */
  frozenTimeout: number;
  /**
   * When the second regular ping is due after the immediate first one, above 0 and at most the interval. The caller
   * spreads its peers over the interval by it: answers that come all at once inflate each other's RTT.
   */
  phase: number;
  /**
   * Regular pings leave at multiples of this by the caller's clock: the pings of many peers leave together, which costs less. It
   * should divide the interval, and may change. Probes do not wait. Default: each ping leaves when it is due.
   */
  slot?: () => number;
  /** The health of this side, which many peers share. Default: none is looked at. */
  health?: readonly LocalHealth[];
  /** An unpredictable unsigned 32 bit integer. */
  random: () => number;
  /** The time of creation. */
  now: number;
};

/** The client is told how the server sees it this often, in ms, and at every change of state. [HB-REPORT-1] */
const REPORT_EVERY = 5000;

/**
 * A page that hangs queues all pings, and answers them when it continues. So it is pinged less and less often: after this
 * share of its silence so far, but not closer than this and not further apart, in ms. [HB-PING-4]
 */
const HUNG_SHARE = 0.1;
const HUNG_LEAST = 500;
const HUNG_MOST = 8000;

/** Until the network stack of such a page acknowledges a ping, the next one follows after this, in ms. */
const UNACKNOWLEDGED_AFTER = 700;

/** Answers that make a suspect or dead peer alive. A single one may be the last that a dying path let through. */
const ANSWERS = 2;

/**
 * A client that says that it hears nothing is believed for this long, in ms. It says so every 500 ms, or every second in a hidden page,
 * so some of its hellos may get lost. If it falls silent as well, it may be a page that hangs.
 */
const BELIEVED = 3000;

const SERVER: Side = {
  first: 'first-pong',
  unresponsive: 'page-unresponsive',
  unreportedStall: 1000,
  // Hellos, and what the page does.
  unaskedFrames: 4,
};

/** The ping that is being sent. It is encoded at once, and used again for the next one: each of its own would be garbage. */
const PING: Ping = { type: 'ping', seq: 0, token: 0, ack: 0, ackHold: 0, pongs: 0 };

/**
 * The side that pings, and judges the client by its answers. What it holds: the pings in flight, and when to send the
 * next one.
 */
export class ServerEndpoint extends ServerJudge {
  readonly #options: ServerEndpointOptions;
  readonly #pings: PingsInFlight;
  readonly #schedule: PingSchedule;
  /** Whether {@link version} is a guess, as the acceptance was lost on its way. The client's first frame tells. */
  #isGuess = false;
  /** Whether the latest that the page said of itself is that it is frozen. */
  #isFrozen = false;
  /** Pongs to pings that left before this prove nothing: the peer has said goodbye, or has frozen, since. */
  #proofFrom = Number.NEGATIVE_INFINITY;
  #reportAt = 0;
  /** Until when the client is believed that it hears nothing. */
  #unheardUntil = Number.NEGATIVE_INFINITY;
  /** Which client side said hello last. [HB-HELLO-1] */
  #instance: number | undefined;
  /** What ICE says of the path. `undefined`: nothing yet. */
  #ice: 'up' | 'lost' | undefined;
  /** The client's IP address. `undefined`: ICE has not chosen a path yet. */
  #address: string | undefined;
  /** Since the client first came back on another path: most never do. */
  #return: Return | undefined;
  /** Which ping the newest pong has answered, below 0 if none has come, and when it came by the caller's clock. */
  #lastPongSeq = -1;
  #lastPongAt = 0;

  constructor(options: ServerEndpointOptions) {
    super(SERVER, options.bounds, options.detector, options.now, options.health);
    this.#options = options;
    this.#pings = new PingsInFlight(options.bounds.interval, this.clock, this.outageOver);
    this.#schedule = new PingSchedule(options.bounds.interval);
    this.timers.set(Timer.FirstAnswer, options.now + options.firstPongTimeout);
  }

  /**
   * The client has accepted the heartbeat and speaks `version`.
   *
   * @param isGuess - Its acceptance was given, but has not arrived. It may speak another version.
   */
  accept(version: number, now: number, isGuess = false): void {
    const time = this.enter(now);

    if (this.state !== 'closed') {
      this.version = version;
      this.#isGuess = isGuess;
      this.timers.set(Timer.FirstAnswer, time + this.#options.firstPongTimeout);
      this.#begin(time);
    }

    this.leave(time);
  }

  /** The client cannot, or will not, or its stream cannot be had: waits, and says why. */
  decline(reason: 'no-client-half' | 'version-mismatch' | 'stream-id-taken', now: number): void {
    const time = this.enter(now);

    this.version = undefined;
    this.timers.clear(Timer.FirstAnswer);
    this.stopJudging();
    this.signal('wait', reason, time);
    this.leave(time);
  }

  /** The association is up: frames can be sent. */
  connected(now: number): void {
    const time = this.enter(now);

    this.isOpen = true;
    this.#begin(time);
    this.leave(time);
  }

  /** ICE says that the path is up, or lost. */
  handleIce(state: 'up' | 'lost', now: number): void {
    const before = this.#ice;

    this.#ice = state;

    if (state === 'lost') {
      this.handleDegraded('ice-disconnected', now);
    } else if (before === 'lost') {
      const time = this.enter(now);

      // Without having been lost it may be on its way to `completed`, with a restart just announced.
      this.interruptions.reconnected(time);
      this.#schedule.hurry(time);
      this.leave(time);
    }
  }

  /**
   * ICE has chosen another path to the client, for the first time, or later.
   *
   * @param address - The client's IP address on it.
   */
  handleOtherPath(address: string, now: number): void {
    const time = this.enter(now);
    const before = this.#address;

    this.#address = address;

    if (before !== undefined && before !== address) {
      // Another port is most likely a NAT's doing: RFC 9000 §9.4. [HB-RTT-5]
      this.rtt.reset();
      this.#pings.forgetLoss();
    }

    if (before !== undefined && this.judging) {
      this.#moved(time);
    }

    this.leave(time);
    this.handleHint(now);
  }

  depart(cause: number, now: number): void {
    const time = this.enter(now);

    this.goodbye(cause);
    this.isOpen = false;
    this.leave(time);
  }

  override close(reason: Reason, now: number): void {
    // An outage that is over by now is told before the end.
    this.#pings.giveUp(this.clock.timeOf(now) - LOST_AFTER);
    super.close(reason, now);
    this.join(undefined);
  }

  handleHint(now: number): void {
    const time = this.enter(now);

    this.#schedule.hurry(time);
    this.leave(time);
  }

  /** The association is down for good. A client without the heartbeat, or that has switched it off, is not judged by it. */
  disconnected(reason: Reason, now: number): void {
    const time = this.enter(now);

    this.isOpen = false;

    if (this.version !== undefined) {
      this.stopJudging();

      if (this.reason !== 'no-client-half') {
        this.signal('end', reason, time);
      }
    }

    this.leave(time);
  }

  /** The figures as of now. */
  stats(now: number): Stats {
    const { responseTimeout } = this.rtt;
    const time = this.clock.timeOf(now);

    this.#pings.giveUp(time - LOST_AFTER);

    return {
      rtt: this.rtt.stats(),
      loss: this.#pings.loss(time),
      outages: this.#pings.outages(time),
      sent: this.#pings.next,
      received: this.#pings.received,
      late: this.#pings.late,
      lost: this.#pings.lost,
      ...this.commonStats(now),
      localHealth: this.localHealth(now),
      evidence: this.evidence(responseTimeout),
    };
  }

  protected override read(bytes: Uint8Array, agreed: number, time: number, now: number): void {
    const spoken = bytes[0] as number;
    const isTold = this.#isGuess && SUPPORTED_VERSIONS.includes(spoken);

    if (isTold) {
      this.#isGuess = false;
      this.version = spoken;
    }

    if (this.state === 'closed') {
      this.dropped('the heartbeat is closed');
    } else {
      super.read(bytes, isTold ? spoken : agreed, time, now);
    }
  }

  protected take(frame: Frame, time: number): void {
    switch (frame.type) {
      case 'pong': {
        this.#takePong(frame, time);
        break;
      }
      case 'hello': {
        this.hidden = frame.hidden === 1;

        // Another client side has taken the place of the one before: it cannot have seen what left before it came.
        if (frame.instance !== (this.#instance ?? frame.instance)) {
          this.#pings.voidPending();
        }

        this.#instance = frame.instance;

        // A client that comes back after a goodbye, or whose channel opened after the first ping, is pinged at once. So is
        // one that has reason to doubt the path. [HB-HELLO-5]
        if (!this.judging || this.state === 'pending') {
          this.#begin(time);
        } else {
          this.#schedule.hurry(time);
        }

        if (frame.silence !== undefined) {
          this.#takeSilence(time);
        }

        break;
      }
      case 'goodbye': {
        this.#takeGoodbye(frame.cause, time);
        break;
      }
      case 'paused': {
        this.#takePaused(frame.cause, frame.duration, time);
        break;
      }
      case 'resumed': {
        this.#takeResumed(frame.cause, time);
        break;
      }
      default: {
        throw new FrameError('type', `a ${frame.type} does not come from a client`);
      }
    }
  }

  protected act(time: number): void {
    this.timers.take(Timer.Lost, time);
    // Also where none is lost: what is not decided in time is forgotten, and missing in the figures.
    this.#pings.giveUp(time - LOST_AFTER + INSTANT);

    if (this.judging && !this.isBlind && this.timers.take(Timer.Ping, time)) {
      this.#ping(time);
    }
  }

  protected plan(time: number): void {
    if (!this.judging) {
      this.timers.clear(Timer.Ping);
      this.timers.clear(Timer.Lost);

      return;
    }

    if (this.isBlind) {
      this.timers.clear(Timer.Ping);
      // Each call would be time that the endpoint seems to have lived through.
      this.timers.clear(Timer.Lost);

      return;
    }

    const isInDoubt = this.state === 'suspect' || this.state === 'dead' || this.missed > 0;

    const pingAt = isInDoubt ? Math.max(time, this.#probeAt(time)) : this.#inSlot(this.#schedule.regularAt);
    // A queue explains a silence: one more ping would only lengthen it.
    const hurriedAt = this.isCongested(time) ? Number.POSITIVE_INFINITY : this.#schedule.hurriedAt;

    this.timers.set(Timer.Ping, Math.min(pingAt, hurriedAt));
    this.timers.set(Timer.Lost, this.#pings.oldestPendingAt + LOST_AFTER);
  }

  protected get overdueAt(): number {
    return this.#pings.oldestAwaitedAt + this.rtt.responseTimeout;
  }

  protected takeOverdue(): number {
    return this.#pings.takeAwaited();
  }

  protected expect(time: number): void {
    this.#pings.forgetAwaited();
    this.#schedule.start(time, this.#options.phase);
  }

  protected forgetExpected(): void {
    this.#pings.forgetAwaited();
  }

  protected returnsFor(state: State): number {
    return state === 'suspect' || state === 'dead' ? ANSWERS : 1;
  }

  protected endsReturn(askedAt: number): boolean {
    // What was asked for before the latest answer came says nothing of the time after it.
    return askedAt >= this.detector.peer.since;
  }

  protected firstAnswerOverdue(time: number): void {
    if (this.isBlind) {
      this.timers.set(Timer.FirstAnswer, Math.max(time, this.path.askedAt) + this.bounds.deadAtLatest);
    } else if (this.isHeld) {
      this.timers.set(Timer.FirstAnswer, this.interruptions.nextAt);
    } else if (this.version === undefined) {
      this.signal('wait', this.isOpen ? 'no-client-half' : 'not-connected', time);
    } else if (!this.isOpen && this.#ice === 'up') {
      // SCTP may begin whenever the client likes: nobody is dead.
      this.timers.set(Timer.FirstAnswer, time + this.#options.firstPongTimeout);
      this.signal('wait', 'not-connected', time);
    } else {
      const whyNot = this.#ice === 'lost' ? 'ice-disconnected' : 'not-connected';

      this.signal('end', this.isOpen ? 'no-answer' : whyNot, time);
    }
  }

  /** The transport tells sooner than `firstPongTimeout`: what is the death of a client that has answered before is this one's, too. */
  protected override firstAnswerMissed(time: number): void {
    if (this.path.isSilent && this.isLocallyWell && this.isOver(time)) {
      this.signal('end', 'no-answer', time);
    }
  }

  protected toldCause(time: number): Reason | undefined {
    return time < this.#unheardUntil ? 'downlink-lost' : undefined;
  }

  /**
   * A client that has left, or is to be ignored, is told nothing: it may have closed its channel.
   *
   * @internal
   */
  override send(frame: Frame): void {
    if (this.judging) {
      super.send(frame);
    }
  }

  protected override changed(change: StateChange, time: number): void {
    super.changed(change, time);

    if (change.state === 'alive') {
      this.#unheardUntil = Number.NEGATIVE_INFINITY;
    }

    if (this.judging) {
      this.#report(time);
    }
  }

  #begin(time: number): void {
    if (this.version !== undefined && this.isOpen && !this.hasViolated && this.state !== 'closed') {
      this.judgeAnew(time);
    }
  }

  /** The next moment in which pings of many peers leave together. */
  #inSlot(time: number): number {
    const slot = this.#options.slot?.();
    const reading = this.clock.reading(time);

    return slot === undefined ? time : time + Math.ceil((reading - INSTANT) / slot) * slot - reading;
  }

  /** When to ping a peer that is in doubt. */
  #probeAt(time: number): number {
    if (this.returns > 0) {
      return this.#schedule.probeAt(this.rtt.smoothed ?? 0, Pace.Returning);
    } else if (this.isCongested(time)) {
      // Each further ping would lengthen the queue, and in SCTP's loss recovery hold up the application's data.
      return this.#schedule.regularAt;
    } else if (this.path.isAlive && this.trustsStack(time)) {
      return this.#schedule.lastAt + this.#hungPace(time);
    }

    return this.isGivenUp(time)
      ? this.#schedule.regularAt
      : this.#schedule.probeAt(this.rtt.smoothed ?? 0, this.#paceAt(time));
  }

  /** How many ms apart pings are while only the path is alive. */
  #hungPace(time: number): number {
    // As long as it was when the latest ping left: what grows while it is waited for would never come.
    const silence = this.#schedule.lastAt - this.detector.peer.since;
    const pace = Math.max(HUNG_LEAST, Math.min(HUNG_MOST, silence * HUNG_SHARE));
    const isAcknowledged = this.detector.path.since >= this.#schedule.lastAt || this.isGivenUp(time);

    return isAcknowledged ? pace : Math.min(pace, UNACKNOWLEDGED_AFTER);
  }

  #paceAt(time: number): Pace {
    // A client that says that it hears nothing needs no quick confirmation. Its pings fill SCTP's window, which is one packet after
    // a loss, and what waits there for the next timeout holds up the return.
    if (this.state === 'dead' || this.toldCause(time) !== undefined) {
      return Pace.Dead;
    }

    // The last volley only where nothing but an outage can explain the silence: bursts are learned at the pace of doubt.
    return this.weighsDeath ? Pace.LastVolley : Pace.Doubt;
  }

  #ping(time: number): void {
    const token = this.#options.random();
    const seq = this.#pings.sent(token, time);

    this.gate.bucket.expectFrame();

    const isAcknowledging = this.#lastPongSeq >= 0;
    const ack = isAcknowledging ? seq - this.#lastPongSeq : 0;

    this.#schedule.sent(time);
    PING.seq = toWire(seq);
    PING.token = token;
    PING.ack = ack <= 127 ? ack : 0;
    PING.ackHold = isAcknowledging ? toTicks(this.clock.reading(time) - this.#lastPongAt) : MAX_TICKS;
    PING.pongs = this.#pings.received % 128;
    this.send(PING);

    if (time >= this.#reportAt) {
      this.#report(time);
    }
  }

  #takePong(pong: Pong, time: number): void {
    const seq = lastBefore(this.#pings.next, pong.seq);
    const settlement = this.#pings.answered(seq, pong.token, pong.seen);
    const unanswered = this.#pings.next - Math.max(0, this.#lastPongSeq);

    if (settlement === 'forged' && unanswered > MODULUS - PINGS_REMEMBERED) {
      // It may have waited while the numbers went round once, and answer a ping of the round before. [HB-PONG-2]
      this.dropped('a pong that cannot be told from a forged one');

      return;
    } else if (settlement === 'forged' || settlement === 'duplicate') {
      throw new FrameError('field', `${settlement} pong`);
    } else if (settlement === 'expired') {
      this.dropped('a pong to a ping that is forgotten');

      return;
    }

    const sentAt = this.#pings.sentAt(seq);
    // Whether it came before it counted as missed.
    const isAwaited = seq >= this.#pings.oldestAwaited;
    const isTouched = this.#pings.isTouched(seq);
    const reading = this.clock.reading(time);
    const elapsed = Math.max(0, isTouched ? reading - this.#pings.sentReading(seq) : time - sentAt);
    const hold = Math.min(pong.hold / TICKS_PER_MS, MAX_HOLD, elapsed);
    const rtt = elapsed - hold;

    if (seq > this.#lastPongSeq) {
      this.#lastPongSeq = seq;
      this.#lastPongAt = reading;
      // Hello, paused and resumed tell it sooner, but each of them may be lost.
      this.hidden = pong.hidden === undefined ? this.hidden : pong.hidden === 1;

      if (!isTouched) {
        // The client sent it after that ping, and all that it sent before came before.
        this.gate.bucket.caughtUp(elapsed, this.#pings.next - 1 - seq);
      }
    }

    this.heard(time);

    if (this.wantsSamples) {
      this.tell({ type: 'sample', sample: { rtt, hold, seq, at: reading, late: settlement === 'late' } });
    }

    // What left before the answered ping, and has no answer by now, is not going to get one.
    if (isAwaited) {
      while (this.#pings.oldestAwaited < seq) {
        this.miss(this.#pings.takeAwaited(), time);
      }

      this.#pings.takeAwaited();
    }

    // After a silence the first late answer shows that the timeout is too short. The others after it tell nothing new,
    // and an answer that waited in a local stall tells nothing at all. [HB-RTT-4]
    if (!isTouched && (isAwaited || this.missed > 0)) {
      this.rtt.add(rtt);
    }

    if (this.judging && sentAt >= this.#proofFrom) {
      this.interruptions.proven(sentAt);
      this.timers.clear(Timer.FirstAnswer);
      this.proven(time, Math.max(sentAt, time - rtt / 2), isAwaited);

      const recovered = this.#return?.proven(sentAt, reading);

      if (recovered !== undefined) {
        this.tell({ type: 'recovered', recovered });
      }
    }
  }

  /** A silent client comes on another path. */
  #moved(time: number): void {
    if (this.missed === 0 && this.state === 'alive') {
      return;
    }

    if (!this.path.isAlive) {
      // While something comes, the silence is not the path's.
      this.restored(time);
    }

    this.#return ??= new Return();

    const recovering = this.#return.moved(this.lastSeenAt, time, this.clock.reading(time));

    if (recovering !== undefined) {
      this.tell({ type: 'recovering', recovering });
    }
  }

  /**
   * The client hears nothing. It knows better than our misses, which a hung page would cause as well, so it is believed at once. But
   * not while we may be the cause: after a local stall, or while our own frames wait. [HB-JUDGE-5]
   */
  #takeSilence(time: number): void {
    if (!this.judging || this.isBlind || this.isCongested(time) || !this.countsMisses(time)) {
      return;
    }

    this.#unheardUntil = time + BELIEVED;

    if (this.state === 'alive') {
      this.returns = 0;
      this.signal('suspicion', this.isLocallyWell ? 'downlink-lost' : 'server-network', time);
    }
  }

  #takeGoodbye(cause: number, time: number): void {
    if (this.judging && !this.#maySay(time)) {
      return;
    }

    this.#proofFrom = time;
    this.#pings.voidPending();
    this.timers.clear(Timer.FirstAnswer);
    this.stopJudging();

    if (cause === GoodbyeCause.HeartbeatOff) {
      this.signal('wait', 'no-client-half', time);
    } else {
      this.signal('end', 'goodbye', time);
    }
  }

  /**
   * The frame under way changes the state by what the client says, without a proof. People leave and come back, too, but seldom.
   *
   * @returns whether the client may do so. If not, it broke the protocol.
   */
  #maySay(time: number): boolean {
    const may = this.gate.bucket.chargeChange();

    if (!may) {
      this.dropped('the peer left and came back too often');
      this.violated(time);
    }

    return may;
  }

  #takePaused(cause: number, duration: number, time: number): void {
    if (cause === PauseCause.Hidden) {
      this.hidden = true;
    } else if (!this.judging) {
      return;
    } else if (cause === PauseCause.Interruption) {
      this.interruptions.peerAnnounced(Math.min(duration, this.#options.frozenTimeout), time);
    } else if (cause === PauseCause.Frozen && this.interruptions.peerMayAnnounce && this.#maySay(time)) {
      this.interruptions.peerPaused(time);
      this.#isFrozen = true;
      this.#proofFrom = time;
      this.spare(time + this.#options.frozenTimeout);
      this.doubt('page-frozen', time);
    }
  }

  #takeResumed(cause: number, time: number): void {
    if (cause === PauseCause.Hidden) {
      this.hidden = false;
    } else if (cause === PauseCause.Interruption) {
      this.interruptions.peerResumed(time);
    } else if (cause === PauseCause.Frozen && this.#isFrozen) {
      this.#isFrozen = false;
      this.#begin(time);
    }
  }

  #report(time: number): void {
    const { downlink, uplink } = this.#pings.loss(time);
    const { smoothed } = this.rtt;

    this.#reportAt = time + REPORT_EVERY;
    this.send({
      type: 'report',
      state: REPORT_STATES.indexOf(this.state),
      rtt: smoothed === undefined ? MAX_TICKS : toTicks(smoothed),
      downlink: toThousandths(downlink),
      uplink: toThousandths(uplink),
    });
  }
}

function toTicks(ms: number): number {
  return Math.min(MAX_TICKS, Math.max(0, Math.round(ms * TICKS_PER_MS)));
}

function toThousandths(fraction: number | undefined): number {
  return fraction === undefined ? UNKNOWN_LOSS : Math.round(fraction * 1000);
}
