import { type Congestion, congestedFor } from './Congestion.ts';
import { encodeFrame } from './codec.ts';
import { MAX_HOLD, MAX_TICKS, SUPPORTED_VERSIONS, TICKS_PER_MS } from './constants.ts';
import type { DetectorOptions, PingDetector } from './detector/Detector.ts';
import { suspectBefore } from './detector/options.ts';
import { FrameError } from './FrameError.ts';
import {
  type Frame,
  GoodbyeCause,
  type Hello,
  PauseCause,
  type Pong,
  REPORT_STATES,
  UNKNOWN_LOSS,
} from './frames.ts';
import { Intake } from './Intake.ts';
import { type Interruption, Interruptions } from './Interruptions.ts';
import { PINGS_REMEMBERED, PingLedger } from './PingLedger.ts';
import type { Reason, State, StateChange } from './Reason.ts';
import { RttEstimator } from './RttEstimator.ts';
import type { Sample, Stats } from './Stats.ts';
import { lastBefore, MODULUS, toWire } from './sequence.ts';
import { Verdict } from './Verdict.ts';

/** A ping without an answer after this long, in ms, is given up until its answer comes, late. [HB-LOSS-2] */
const LOST_AFTER = 3000;

/** The client is told how the server sees it this often, in ms, and at every change of state. [HB-REPORT-1] */
const REPORT_EVERY = 5000;

/** How often a goodbye is sent: one frame is lost as often as any other. [HB-BYE-1] */
const GOODBYE_COPIES = 3;

/** Frames per second that an honest client sends besides pongs at the most: hellos, and what its page does. [HB-SEC-4] */
const WORDS_PER_SECOND = 4;

/**
 * A transport answers a question within this time, in ms, however many are asked at once. One that does not is in a worker
 * that stands still: a stall of our own.
 */
const ANSWERS_WITHIN = 250;

/** How often a verdict is tried again that must not get worse yet, in ms. */
const TRY_AGAIN_AFTER = 1000;

/** What the probing half needs to know. Times in ms. */
export type ProberOptions = {
  /** Judges the peer and paces the pings. */
  detector: PingDetector;
  /** The detector's bounds. Loss is over one ping of each interval; the hard limit ends the time in which the own worker does not answer. */
  bounds: DetectorOptions;
  /** Within which time of the acceptance the first pong has to come. */
  firstPongTimeout: number;
  /** How long a page that said it is frozen is spared. */
  frozenTimeout: number;
  /** When the first regular ping is due after the immediate one: see `PingDetector.start`. */
  phase: number;
  /** An unpredictable unsigned 32 bit integer. */
  random: () => number;
  /** The time of creation. */
  now: number;
};

/** What the probing half asks of its owner. None of these may throw. */
export type ProberHost = {
  /** Sends a frame to the client, or drops it: the protocol bears loss. */
  send(frame: Uint8Array): void;
  /** The state or its reason changed. */
  statechange(change: StateChange): void;
  /**
   * Why the path of a client that has accepted is not up; `undefined` while it is being connected, so that nobody is dead.
   * Without this method: `not-connected`.
   */
  whyNotConnected?(): Reason | undefined;
  /** A ping was answered. */
  sample(sample: Sample): void;
  /** The first frame had to be dropped. Told once: the rest is in `stats.malformed`. */
  dropped(error: FrameError): void;
  /** A frame could not be handled by a fault of our own. Told once: the rest is in `stats.internalErrors`. */
  failed(error: Error): void;
  /** The peer broke the protocol beyond what is borne. The owner stops reading from it. Told once. */
  violation(): void;
};

/**
 * The half that pings and judges: a heartbeat's server side without mediasoup, timers or clock. Bytes and
 * times go in, frames and verdicts come out.
 *
 * Its owner calls {@link poll} whenever {@link pollAt} has come, and reads that anew after every call.
 */
export class Prober {
  readonly #host: ProberHost;
  readonly #detector: PingDetector;
  readonly #options: ProberOptions;
  readonly #interruptions: Interruptions;
  readonly #verdict: Verdict;
  readonly #ledger: PingLedger;
  readonly #rtt = new RttEstimator();
  readonly #intake: Intake;
  /** The agreed version; `undefined` until the client has accepted. */
  #version: number | undefined;
  /** Whether that is a guess, as the acceptance was lost on its way: the client's first frame tells. */
  #guessed = false;
  #connected = false;
  /** Whether pings flow and the detector judges. */
  #probing = false;
  /** Whether the latest that the peer said of its page is that it is frozen. */
  #frozen = false;
  /** Pongs to pings that left before are no proof of life: the peer has said goodbye or frozen since. */
  #proofFrom = Number.NEGATIVE_INFINITY;
  /** When the first answer, or with no acceptance the connection, is overdue. */
  #overdueAt: number;
  /** Since when the transport has not answered what it was asked. Nobody is judged or pinged meanwhile. */
  #askedAt: number | undefined;
  /** When the verdict gets worse though it has not. */
  #presumeAt = Number.POSITIVE_INFINITY;
  #reportAt = 0;
  #lastPong: { seq: number; at: number } | undefined;
  #hidden = false;
  /** Which client half said hello last. [HB-HELLO-1] */
  #instance: number | undefined;

  /** Waits for an acceptance and for the path: nothing is sent before both are there. */
  constructor(options: ProberOptions, host: ProberHost) {
    this.#options = options;
    this.#host = host;
    this.#detector = options.detector;
    this.#ledger = new PingLedger(options.bounds.interval);
    this.#intake = new Intake(options.now, WORDS_PER_SECOND, {
      frame: (frame, now) => this.#take(frame, now),
      dropped: error => host.dropped(error),
      failed: error => host.failed(error),
      violation: now => this.#violate(now),
    });
    this.#overdueAt = options.now + options.firstPongTimeout;
    this.#interruptions = new Interruptions({
      send: frame => this.#send(frame),
      over: now => this.#judgeAnew(now),
    });
    this.#verdict = new Verdict(
      { first: 'first-pong', unresponsive: 'page-unresponsive' },
      this.#interruptions,
      change => this.#onStateChange(change),
    );
  }

  /** The verdict, see `State`. */
  get state(): State {
    return this.#verdict.state;
  }

  /** Why it is in its state, see `Reason`. */
  get reason(): Reason {
    return this.#verdict.reason;
  }

  /** Whether the transport should be asked for its own view, see {@link opinion}. */
  get wantsOpinion(): boolean {
    return this.#probing && this.#detector.wantsOpinion;
  }

  /** Whether pings or pongs wait in a queue of the path. Then it helps to know what moves before answers are missing. */
  get isQueueing(): boolean {
    return this.#rtt.queued > 0;
  }

  /** When {@link poll} has to be called next. `Infinity`: not before something else happens. */
  get pollAt(): number {
    if (this.#askedAt !== undefined) {
      return Math.min(this.#presumeAt, this.#interruptions.nextAt);
    }

    const next = Math.min(this.#overdueAt, this.#interruptions.nextAt);

    return this.#probing
      ? Math.min(
          next,
          this.#detector.pingAt,
          this.#detector.judgeAt,
          this.#ledger.oldestPendingAt + LOST_AFTER,
        )
      : next;
  }

  /**
   * The client has accepted the heartbeat and speaks `version`.
   *
   * @param guessed - Its acceptance has not arrived, but is known to have been given: it may speak another version.
   */
  accept(version: number, now: number, guessed = false): void {
    if (this.state === 'closed') {
      return;
    }

    this.#version = version;
    this.#guessed = guessed;
    this.#overdueAt = now + this.#options.firstPongTimeout;
    this.#begin(now);
  }

  /** The client cannot or will not, or the way back cannot be had: waits, and says why. */
  decline(reason: 'no-client-half' | 'version-mismatch' | 'stream-id-taken', now: number): void {
    this.#version = undefined;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#end();
    this.#verdict.wait(reason, now);
  }

  /** The path is up: frames can be sent. */
  connected(now: number): void {
    this.#connected = true;
    this.#begin(now);
  }

  /** The path is down for good. A peer without the heartbeat, or that has switched it off, is not judged by it. */
  disconnected(reason: Reason, now: number): void {
    this.#connected = false;

    if (this.#version !== undefined) {
      this.#end();

      if (this.reason !== 'no-client-half') {
        this.#verdict.down(reason, now);
      }
    }
  }

  /** The path is in trouble, but may recover: suspects the peer at once and makes sure. */
  trouble(reason: Reason, now: number): void {
    if (this.#probing && !this.#interruptions.isHeld) {
      this.#detector.trouble(now);

      // Silence that was noticed before is the better reason: the transport only confirms it.
      if (this.state === 'alive') {
        this.#verdict.suspect(reason, now);
      }
    }
  }

  /**
   * The transport has been asked for its own view. Until it answers nobody is judged or pinged: while the worker stands
   * still all of its peers seem silent. Only `deadBefore` after the question they are dead even so.
   */
  asked(now: number): void {
    if (this.#askedAt === undefined) {
      this.#askedAt = now;
      this.#presumeAt = now + suspectBefore(this.#options.bounds);
    }
  }

  /** The transport has answered, whatever it said, or need not answer any more. */
  answered(now: number): void {
    const since = this.#askedAt;

    this.#askedAt = undefined;

    if (since !== undefined && now - since > ANSWERS_WITHIN) {
      this.#overdueAt += now - since;
      this.stalled(since, now);
    }
  }

  /** The transport's own view, asked for by {@link wantsOpinion}. */
  opinion(pathAlive: boolean | undefined, now: number, congestion: Congestion = {}): void {
    this.answered(now);

    if (this.#probing) {
      this.#detector.opinion(pathAlive, now, congestedFor(congestion, this.#rtt));
      this.#verdict.judge(this.#detector, now);
    }
  }

  /** The own process did not run between `from` and `to`. */
  stalled(from: number, to: number): void {
    if (this.#probing) {
      this.#detector.stalled(from, to);
    }
  }

  /** An interruption of at most `duration` ms is expected: no verdict gets worse meanwhile. The client is told. */
  expectInterruption(duration: number, now: number): Interruption {
    return this.#interruptions.announce(duration, now);
  }

  /** That interruption is over. Where it was the last one, judging begins anew. */
  interruptionOver(interruption: Interruption, now: number): void {
    this.#interruptions.end(interruption, now);
  }

  /** The same of an ICE restart, which {@link reconnected} ends. */
  restarting(duration: number, now: number): void {
    this.#interruptions.announceRestart(duration, now);
  }

  /** The path is up again, after it was lost. */
  reconnected(now: number): void {
    this.#interruptions.reconnected(now);
  }

  /** A message came from the peer. Never throws, whatever it is. */
  receive(bytes: Uint8Array, now: number): void {
    if (this.#version === undefined || this.state === 'closed') {
      return;
    }

    if (this.#guessed && SUPPORTED_VERSIONS.includes(bytes[0] as number)) {
      this.#guessed = false;
      this.#version = bytes[0] as number;
    }

    this.#intake.take(bytes, this.#version, now);
  }

  /** Pings, judges and gives up, as far as the time has come for each. */
  poll(now: number): void {
    this.#interruptions.expire(now);

    if (this.#askedAt !== undefined) {
      this.#presume(this.#askedAt, now);
      return;
    }

    if (now >= this.#overdueAt) {
      if (this.#interruptions.isHeld) {
        this.#overdueAt = this.#interruptions.nextAt;
      } else {
        this.#overdue(now);
      }
    }

    if (!this.#probing) {
      return;
    }

    this.#ledger.giveUp(now - LOST_AFTER);

    this.#verdict.judge(this.#detector, now);

    if (now >= this.#detector.pingAt) {
      this.#ping(now);
    }
  }

  /** The figures as of now. */
  stats(now: number): Stats {
    this.#ledger.giveUp(now - LOST_AFTER);

    return {
      rtt: this.#rtt.stats(),
      loss: this.#ledger.loss(now),
      outages: this.#ledger.outages(now),
      sent: this.#ledger.next,
      received: this.#ledger.received,
      late: this.#ledger.late,
      lost: this.#ledger.lost,
      malformed: this.#intake.malformed,
      internalErrors: this.#intake.internalErrors,
      lastSeenAt: this.#verdict.lastSeenAt,
      silentFor: this.#verdict.silentFor(now),
      upSince: this.#verdict.upSince,
      hidden: this.#hidden,
      evidence: {
        missed: this.#detector.missed,
        deadline: this.#detector.deadline,
        suspicion: this.#detector.suspicion,
      },
    };
  }

  /** Says goodbye where the path is still up. Nothing is sent after it, and {@link close} has to follow. */
  leave(cause: number): void {
    for (let copy = 0; copy < GOODBYE_COPIES; copy++) {
      this.#send({ type: 'goodbye', cause });
    }

    this.#connected = false;
  }

  /** Ends the heartbeat. Says goodbye, unless that has been done. */
  close(reason: Reason, now: number): void {
    this.leave(reason === 'heartbeat-closed' ? GoodbyeCause.HeartbeatOff : GoodbyeCause.TransportClosing);
    this.#end();
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#interruptions.clear();
    this.#verdict.close(reason, now);
  }

  #begin(now: number): void {
    if (this.#version !== undefined && this.#connected && !this.#intake.violated && this.state !== 'closed') {
      this.#probing = true;
      this.#detector.start(now, this.#options.phase);
    }
  }

  #end(): void {
    this.#probing = false;
    this.#askedAt = undefined;
    this.#detector.stop();
  }

  /** The transport was asked at `askedAt` and has not answered. */
  #presume(askedAt: number, now: number): void {
    if (now >= this.#presumeAt) {
      const deadAt = askedAt + this.#options.bounds.deadBefore;

      this.#verdict.presume(now >= deadAt ? 'dead' : 'suspect', now);
      this.#presumeAt =
        this.state === 'dead' ? Number.POSITIVE_INFINITY : Math.max(deadAt, now + TRY_AGAIN_AFTER);
    }
  }

  #overdue(now: number): void {
    this.#overdueAt = Number.POSITIVE_INFINITY;

    if (this.#version === undefined) {
      this.#verdict.wait(this.#connected ? 'no-client-half' : 'not-connected', now);
    } else {
      const { whyNotConnected = () => 'not-connected' as const } = this.#host;
      const reason = this.#connected ? 'no-answer' : whyNotConnected();

      if (reason === undefined) {
        this.#overdueAt = now + this.#options.firstPongTimeout;
        this.#verdict.wait('not-connected', now);
      } else {
        this.#verdict.down(reason, now);
      }
    }
  }

  #ping(now: number): void {
    const token = this.#options.random();
    const seq = this.#ledger.sent(token, now);
    const ack = this.#lastPong === undefined ? 0 : seq - this.#lastPong.seq;

    this.#intake.expectFrame();
    this.#detector.sent(seq, now);
    this.#send({
      type: 'ping',
      seq: toWire(seq),
      token,
      ack: ack <= 127 ? ack : 0,
      ackHold: this.#lastPong === undefined ? MAX_TICKS : toTicks(now - this.#lastPong.at),
      pongs: this.#ledger.received % 128,
    });

    if (now >= this.#reportAt) {
      this.#report(now);
    }
  }

  #take(frame: Frame, now: number): void {
    switch (frame.type) {
      case 'pong': {
        this.#takePong(frame, now);
        break;
      }
      case 'hello': {
        this.#takeHello(frame, now);
        break;
      }
      case 'goodbye': {
        this.#takeGoodbye(frame.cause, now);
        break;
      }
      case 'paused': {
        this.#takePaused(frame.cause, frame.duration, now);
        break;
      }
      case 'resumed': {
        this.#takeResumed(frame.cause, now);
        break;
      }
      default: {
        throw new FrameError('type', `a ${frame.type} does not come from a client`);
      }
    }
  }

  #takePong(pong: Pong, now: number): void {
    const settlement = this.#ledger.answered(lastBefore(this.#ledger.next, pong.seq), pong.token, pong.seen);

    if (
      settlement.kind === 'forged' &&
      this.#ledger.next - (this.#lastPong?.seq ?? 0) > MODULUS - PINGS_REMEMBERED
    ) {
      // It may have waited for a whole round of numbers, and be that of a ping long past. [HB-PONG-2]
      return;
    } else if (settlement.kind === 'forged' || settlement.kind === 'duplicate') {
      throw new FrameError('field', `${settlement.kind} pong`);
    } else if (settlement.kind === 'expired') {
      return;
    }

    const { seq, sentAt } = settlement;
    const late = settlement.kind === 'late';
    const elapsed = Math.max(0, now - sentAt);
    const hold = Math.min(pong.hold / TICKS_PER_MS, MAX_HOLD, elapsed);
    const rtt = elapsed - hold;

    // The round trip of an answer that was already given up tells of the outage, not of the link.
    if (!late) {
      this.#rtt.add(rtt);
    }

    if (this.#lastPong === undefined || seq > this.#lastPong.seq) {
      this.#lastPong = { seq, at: now };
      // The client sent it after that ping, and all that it sent before came before.
      this.#intake.caughtUp(elapsed, this.#ledger.next - 1 - seq);
      // Hello, paused and resumed tell it sooner, but each of them may be lost.
      this.#hidden = pong.hidden === undefined ? this.#hidden : pong.hidden === 1;
    }

    this.#verdict.heard(now);
    this.#host.sample({ rtt, hold, seq, at: now, late });

    // The worker that brings it runs.
    this.answered(now);

    if (this.#probing && sentAt >= this.#proofFrom) {
      this.#interruptions.proven(sentAt);
      this.#overdueAt = Number.POSITIVE_INFINITY;
      this.#detector.answered(seq, rtt, now);
      this.#verdict.judge(this.#detector, now);
    }
  }

  #takeHello(hello: Hello, now: number): void {
    this.#hidden = hello.hidden === 1;

    // Another client half has taken the place of the one before: it cannot have seen what left before it came.
    if (hello.instance !== (this.#instance ?? hello.instance)) {
      this.#ledger.voidPending();
    }

    this.#instance = hello.instance;

    // A client that comes back after a goodbye, or whose channel opened after the first ping, is pinged at once.
    if (!this.#probing || this.state === 'pending') {
      this.#begin(now);
    }
  }

  #takeGoodbye(cause: number, now: number): void {
    if (this.#probing && !this.#intake.bearsChange(now)) {
      return;
    }

    this.#proofFrom = now;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#ledger.voidPending();
    this.#end();

    if (cause === GoodbyeCause.HeartbeatOff) {
      this.#verdict.wait('no-client-half', now);
    } else {
      this.#verdict.down('goodbye', now);
    }
  }

  #takePaused(cause: number, duration: number, now: number): void {
    if (cause === PauseCause.Hidden) {
      this.#hidden = true;
    } else if (!this.#probing) {
      return;
    } else if (cause === PauseCause.Interruption) {
      this.#interruptions.peerAnnounced(Math.min(duration, this.#options.frozenTimeout), now);
    } else if (
      cause === PauseCause.Frozen &&
      this.#interruptions.peerMayAnnounce &&
      this.#intake.bearsChange(now)
    ) {
      this.#interruptions.peerPaused(now);
      this.#frozen = true;
      this.#proofFrom = now;
      this.#detector.trouble(now);
      this.#verdict.suspect('page-frozen', now);
      this.#verdict.spare(now + this.#options.frozenTimeout);
    }
  }

  #takeResumed(cause: number, now: number): void {
    if (cause === PauseCause.Hidden) {
      this.#hidden = false;
    } else if (cause === PauseCause.Interruption) {
      this.#interruptions.peerResumed(now);
    } else if (cause === PauseCause.Frozen && this.#frozen) {
      this.#frozen = false;
      this.#begin(now);
    }
  }

  #judgeAnew(now: number): void {
    if (this.#probing) {
      this.#detector.start(now, this.#options.phase);
    }
  }

  #violate(now: number): void {
    this.#end();
    this.#verdict.down('protocol-violation', now);
    this.#host.violation();
  }

  #onStateChange(change: StateChange): void {
    this.#host.statechange(change);

    if (this.#probing) {
      this.#report(change.at);
    }
  }

  #report(now: number): void {
    const { downlink, uplink } = this.#ledger.loss(now);

    this.#reportAt = now + REPORT_EVERY;
    this.#send({
      type: 'report',
      state: REPORT_STATES.indexOf(this.state),
      rtt: this.#rtt.smoothed === undefined ? MAX_TICKS : toTicks(this.#rtt.smoothed),
      downlink: toThousandths(downlink),
      uplink: toThousandths(uplink),
    });
  }

  /** A client that has left, or is to be ignored, is told nothing: it may have closed its channel. */
  #send(frame: Frame): void {
    if (this.#version !== undefined && this.#connected && this.#probing) {
      this.#host.send(encodeFrame(frame, this.#version));
    }
  }
}

function toTicks(ms: number): number {
  return Math.min(MAX_TICKS, Math.max(0, Math.round(ms * TICKS_PER_MS)));
}

function toThousandths(fraction: number | undefined): number {
  return fraction === undefined ? UNKNOWN_LOSS : Math.round(fraction * 1000);
}
