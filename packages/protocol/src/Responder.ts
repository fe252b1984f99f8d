import { ArrivalLog } from './ArrivalLog.ts';
import { type Congestion, congestedFor } from './Congestion.ts';
import { encodeFrame } from './codec.ts';
import { MAX_TICKS, TICKS_PER_MS } from './constants.ts';
import type { ArrivalDetector } from './detector/Detector.ts';
import { FrameError } from './FrameError.ts';
import { type Frame, GoodbyeCause, PauseCause, type Ping, REPORT_STATES, UNKNOWN_LOSS } from './frames.ts';
import { Intake } from './Intake.ts';
import { INTERRUPTION, type Interruption, Interruptions } from './Interruptions.ts';
import type { Reason, State, StateChange } from './Reason.ts';
import { RttEstimator } from './RttEstimator.ts';
import type { Sample, Stats } from './Stats.ts';
import { fromWire, MODULUS } from './sequence.ts';
import { Verdict } from './Verdict.ts';

/** How often a hello is repeated until the first ping comes, one an interval. [HB-HELLO-2] */
const HELLO_COPIES = 5;

/** How often a server that has fallen silent is greeted at the most: all of it is within what it bears. [HB-HELLO-3] */
const KNOCKS = 120;

/** How often a goodbye is sent: one frame is lost as often as any other. [HB-BYE-1] */
const GOODBYE_COPIES = 3;

/** Frames per second that an honest server sends at the most: probes, and what it reports beside them. [HB-SEC-4] */
const FRAMES_PER_SECOND = 30;

/** A ping that is older than the latest of so many is ignored. [HB-PING-5] */
const WINDOW = 128;

/** No two pings of an honest server are closer than this, in ms. [HB-PING-4] */
const CLOSEST_PINGS = 25;

/** What the answering half needs to know. Times in ms. */
export type ResponderOptions = {
  /** The agreed version. */
  version: number;
  /** The server's ping interval, from the descriptor. */
  interval: number;
  /** Judges the server by the pings that arrive. */
  detector: ArrivalDetector;
  /** Within which time of the channel's opening the first ping has to come. */
  firstPingTimeout: number;
  /** A random unsigned 32 bit integer that names this client half. */
  instance: number;
  /** The time of creation. */
  now: number;
};

/** What the answering half asks of its owner. None of these may throw. */
export type ResponderHost = {
  /** Sends a frame to the server, or drops it: the protocol bears loss. */
  send(frame: Uint8Array): void;
  /** The state or its reason changed. */
  statechange(change: StateChange): void;
  /** The client's own RTT was measured. */
  sample(sample: Sample): void;
  /** The first frame had to be dropped. Told once: the rest is in `stats.malformed`. */
  dropped(error: FrameError): void;
  /** A frame could not be handled by a fault of our own. Told once: the rest is in `stats.internalErrors`. */
  failed(error: Error): void;
  /** The server broke the protocol beyond what is borne. The owner stops reading from it. Told once. */
  violation(): void;
};

/** How the server sees this client, by its latest report. */
export type PeerReport = {
  /** The server half's verdict. */
  state: State;
  /** Its smoothed RTT in ms. */
  rtt: number | undefined;
  /** Its loss figures, as fractions. */
  loss: { downlink: number | undefined; uplink: number | undefined };
  /** When the report came (see `StateChange.at`). */
  at: number;
};

/**
 * The half that answers, and judges the other by the pings that arrive: a heartbeat's client side without
 * mediasoup-client, DOM, timers or clock. Bytes and times go in, frames and verdicts come out.
 *
 * Pings are answered within {@link receive}, never later, as a page's timers may be throttled. Its owner
 * calls {@link poll} whenever {@link pollAt} has come, and reads that anew after every call.
 */
export class Responder {
  readonly #host: ResponderHost;
  readonly #detector: ArrivalDetector;
  readonly #options: ResponderOptions;
  readonly #interruptions: Interruptions;
  readonly #verdict: Verdict;
  readonly #log: ArrivalLog;
  readonly #rtt = new RttEstimator();
  readonly #intake: Intake;
  #open = false;
  /** Whether the detector judges: the channel is open, a first ping came, and nobody announced silence. */
  #judging = false;
  /** Whether one of the two has said goodbye: what still comes was sent before. */
  #left = false;
  /** What this half has said goodbye with last. */
  #goodbye: Frame | undefined;
  #hidden = false;
  #hellosLeft = 0;
  #helloAt = Number.POSITIVE_INFINITY;
  #knocksLeft = KNOCKS;
  #overdueAt = Number.POSITIVE_INFINITY;
  /** When the ping with the highest number came. */
  #highestAt = 0;
  /** Why the path is down, where that falls into an announced interruption, at whose end it is judged. */
  #downFor: Reason | undefined;
  #report: PeerReport | undefined;

  /** Waits for its channel to open: nothing is sent before. */
  constructor(options: ResponderOptions, host: ResponderHost) {
    this.#options = options;
    this.#host = host;
    this.#detector = options.detector;
    this.#log = new ArrivalLog(options.interval);
    this.#intake = new Intake(options.now, FRAMES_PER_SECOND, {
      frame: (frame, now) => this.#take(frame, now),
      dropped: error => host.dropped(error),
      failed: error => host.failed(error),
      violation: now => this.#violate(now),
    });
    this.#interruptions = new Interruptions({
      send: frame => this.#send(frame),
      over: now => this.#judgeAnew(now),
    });
    this.#verdict = new Verdict(
      { first: 'first-ping', unresponsive: 'server-unresponsive' },
      this.#interruptions,
      change => host.statechange(change),
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

  /** How the server sees this client. `undefined` before its first report. */
  get report(): PeerReport | undefined {
    return this.#report;
  }

  /** Whether the connection should be asked for its own view, see {@link opinion}. */
  get wantsOpinion(): boolean {
    return this.#judging && this.#detector.wantsOpinion;
  }

  /** Whether pings or pongs wait in a queue of the path. Then it helps to know what moves before pings are missing. */
  get isQueueing(): boolean {
    return this.#rtt.queued > 0;
  }

  /** When {@link poll} has to be called next. `Infinity`: not before something else happens. */
  get pollAt(): number {
    return Math.min(
      this.#helloAt,
      this.#overdueAt,
      this.#judging ? this.#detector.judgeAt : Number.POSITIVE_INFINITY,
      this.#interruptions.nextAt,
    );
  }

  /** The channel is open: asks for the first ping. */
  opened(now: number): void {
    this.#open = true;
    this.#overdueAt = now + this.#options.firstPingTimeout;
    this.#greet(now);
  }

  /** There is no channel, or none yet: the server has not been heard, and this is why. */
  wait(reason: Reason, now: number): void {
    if (this.state === 'pending') {
      this.#verdict.wait(reason, now);
    }
  }

  /**
   * The path is down for good, or until an ICE restart: a connection that fails within an announced interruption is
   * judged when that is over. A server that was never heard, or has switched its heartbeat off, is not judged by it.
   */
  disconnected(reason: Reason, now: number): void {
    if (reason === 'connection-failed' && this.#interruptions.isHeld) {
      this.#downFor = reason;
      return;
    }

    this.#silence();
    this.#open = false;
    this.#overdueAt = Number.POSITIVE_INFINITY;

    if (this.#verdict.reason === 'no-server-half') {
      return;
    } else if (this.#log.highest < 0 && this.state === 'pending') {
      this.#verdict.wait('not-connected', now);
    } else {
      this.#verdict.down(reason, now);
    }
  }

  /** The path is up again, or for the first time: what {@link restarting} announced is over. */
  connected(now: number): void {
    this.#downFor = undefined;
    this.#interruptions.reconnected(now);
  }

  /** The connection is in trouble, but may recover: suspects the server at once and makes sure. */
  trouble(reason: Reason, now: number): void {
    if (this.#judging && !this.#interruptions.isHeld) {
      this.#detector.trouble(now);

      // Silence that was noticed before is the better reason: the transport only confirms it.
      if (this.state === 'alive') {
        this.#verdict.suspect(reason, now);
      }
    }
  }

  /**
   * Makes the server's network stack be heard, which acknowledges a hello even while its process hangs: by itself a
   * path may carry nothing for longer than it takes to be dead (in Firefox 6 s). Called whenever the connection is
   * asked for its view.
   */
  knock(): void {
    if (this.#judging && this.#knocksLeft > 0) {
      this.#knocksLeft--;
      this.#sayHello();
    }
  }

  /** The connection's own view, asked for by {@link wantsOpinion}. */
  opinion(pathAlive: boolean | undefined, now: number, congestion: Congestion = {}): void {
    if (this.#judging) {
      this.#detector.opinion(pathAlive, now, congestedFor(congestion, this.#rtt));
      this.#verdict.judge(this.#detector, now);
    }
  }

  /** The own process did not run between `from` and `to`. */
  stalled(from: number, to: number): void {
    if (this.#judging) {
      this.#detector.stalled(from, to);
    }
  }

  /** An interruption of at most `duration` ms is expected: no verdict gets worse meanwhile. The server is told. */
  expectInterruption(duration: number, now: number): Interruption {
    return this.#interruptions.announce(duration, now);
  }

  /** That interruption is over. Where it was the last one, judging begins anew. */
  interruptionOver(interruption: Interruption, now: number): void {
    this.#interruptions.end(interruption, now);
  }

  /** The same of an ICE restart, which {@link connected} ends. */
  restarting(duration: number, now: number): void {
    this.#interruptions.announceRestart(duration, now);
  }

  /** The page went into the background, or came back. It answers as before. */
  setHidden(hidden: boolean): void {
    if (hidden !== this.#hidden) {
      this.#hidden = hidden;
      this.#send(
        hidden
          ? { type: 'paused', cause: PauseCause.Hidden, duration: 0 }
          : { type: 'resumed', cause: PauseCause.Hidden },
      );
    }
  }

  /** The browser is about to freeze the page: says so, and stops judging. */
  freeze(): void {
    this.#send({ type: 'paused', cause: PauseCause.Frozen, duration: 0 });
    this.#silence();
  }

  /** The page is thawed: says so, and begins judging anew. */
  thaw(now: number): void {
    this.#send({ type: 'resumed', cause: PauseCause.Frozen });
    this.#resume(now);
  }

  /** The page or the transport is closing: says so, and keeps silent unless {@link returned}. */
  leave(cause: number): void {
    this.#goodbye = { type: 'goodbye', cause };

    for (let copy = 0; copy < GOODBYE_COPIES; copy++) {
      this.#send(this.#goodbye);
    }

    this.#left = true;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#silence();
  }

  /** The page has come back from the browser's back/forward cache with its channel intact. */
  returned(now: number): void {
    this.#left = false;
    this.#goodbye = undefined;
    this.#greet(now);
    this.#resume(now);
  }

  /**
   * A message came from the server: pings are answered within this call, with a goodbye where that has been said.
   * Never throws, whatever it is.
   */
  receive(bytes: Uint8Array, now: number): void {
    // Also when it is over: the gate is for those who go on sending, too.
    this.#intake.take(bytes, this.#options.version, now);
  }

  /** Judges, and greets again where no ping has come, as far as the time has come for each. */
  poll(now: number): void {
    this.#interruptions.expire(now);

    if (now >= this.#helloAt) {
      this.#sendHello(now);
    }

    if (now >= this.#overdueAt) {
      this.#overdueAt = Number.POSITIVE_INFINITY;
      this.#verdict.wait('no-answer', now);
    }

    if (this.#judging) {
      this.#verdict.judge(this.#detector, now);
    }
  }

  /** The figures as of now. */
  stats(now: number): Stats {
    return {
      rtt: this.#rtt.stats(),
      loss: this.#log.loss(now),
      outages: this.#log.outages,
      sent: this.#log.sent,
      received: this.#log.received,
      late: this.#log.late,
      lost: this.#log.lost,
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

  /** Ends the heartbeat. Says goodbye where it has not yet, and again to each ping that is still received. */
  close(reason: Reason, now: number): void {
    if (!this.#left) {
      this.leave(reason === 'heartbeat-closed' ? GoodbyeCause.HeartbeatOff : GoodbyeCause.TransportClosing);
    }

    this.#open = false;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#interruptions.clear();
    this.#verdict.close(reason, now);
  }

  /** Whether nothing is to be taken in any more. */
  get #isOver(): boolean {
    return this.#left || this.state === 'closed';
  }

  #take(frame: Frame, now: number): void {
    if (this.#isOver) {
      this.#repeatGoodbye(frame);
      return;
    }

    switch (frame.type) {
      case 'ping': {
        this.#takePing(frame, now);
        break;
      }
      case 'report': {
        this.#report = {
          state: REPORT_STATES[frame.state] ?? 'pending',
          rtt: frame.rtt === MAX_TICKS ? undefined : frame.rtt / TICKS_PER_MS,
          loss: { downlink: fromThousandths(frame.downlink), uplink: fromThousandths(frame.uplink) },
          at: now,
        };
        break;
      }
      case 'goodbye': {
        this.#takeGoodbye(frame.cause, now);
        break;
      }
      case 'paused': {
        if (frame.cause === PauseCause.Interruption) {
          this.#interruptions.peerAnnounced(Math.min(frame.duration, INTERRUPTION.max), now);
        }

        break;
      }
      case 'resumed': {
        if (frame.cause === PauseCause.Interruption) {
          this.#interruptions.peerResumed(now);
        }

        break;
      }
      default: {
        throw new FrameError('type', `a ${frame.type} does not come from a server`);
      }
    }
  }

  /** Who still pings has not heard it: all copies were lost, or it did not listen yet. [HB-BYE-4] */
  #repeatGoodbye({ type }: Frame): void {
    if (type === 'ping' && this.#goodbye !== undefined) {
      this.#host.send(encodeFrame(this.#goodbye, this.#options.version));
    }
  }

  #takePing(ping: Ping, now: number): void {
    const seq = this.#numberOf(ping, now);

    // It waited for so long that nobody waits for its answer any more. [HB-PING-5]
    if (seq <= this.#log.highest - WINDOW) {
      return;
    }

    const arrival = this.#log.arrived(seq, ping, now);

    if (arrival === 'duplicate') {
      throw new FrameError('field', 'duplicate ping');
    } else if (arrival === 'next') {
      this.#highestAt = now;
    }

    // A path that was given up has come back, as it does with an ICE restart.
    this.#open = true;
    // The answer first: everything else would be part of the round trip.
    this.#send({
      type: 'pong',
      seq: ping.seq,
      token: ping.token,
      // Answered within the call. A client that is not may say for how long it held the ping. [HB-RTT-2]
      hold: 0,
      seen: this.#log.seenBefore(seq),
      hidden: this.#hidden ? 1 : 0,
    });
    this.#log.answered(seq, now);
    this.#helloAt = Number.POSITIVE_INFINITY;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#knocksLeft = KNOCKS;
    this.#interruptions.proven(now);
    this.#downFor = undefined;
    this.#measure(ping, seq, now);
    this.#verdict.heard(now);

    if (!this.#judging) {
      this.#resume(now);
    }

    this.#detector.arrived(seq, now);
    this.#verdict.judge(this.#detector, now);
  }

  /**
   * The number of a ping: the nearest to the highest so far. What seems to be long past is a round of 16 bits further
   * where time enough has passed for so many: all pings before it were lost. [HB-PING-5]
   */
  #numberOf({ seq: wire }: Ping, now: number): number {
    const { highest } = this.#log;
    const seq = fromWire(wire, Math.max(0, highest));
    const next = seq + MODULUS;
    const isPast = seq <= highest - WINDOW;

    return isPast && now - this.#highestAt >= (next - highest) * CLOSEST_PINGS ? next : seq;
  }

  /** The client's own RTT: from its pong to this ping, less what the server held the pong for. [HB-RTT-3] */
  #measure(ping: Ping, seq: number, now: number): void {
    if (ping.ack === 0 || ping.ackHold === MAX_TICKS) {
      return;
    }

    const acked = seq - ping.ack;
    const answeredAt = this.#log.takeAnsweredAt(acked);

    if (answeredAt !== undefined) {
      const hold = ping.ackHold / TICKS_PER_MS;
      const rtt = Math.max(0, now - answeredAt - hold);

      // The server has sent it within that time, and all that it sent before came before.
      this.#intake.caughtUp(rtt);
      this.#rtt.add(rtt);
      this.#host.sample({ rtt, hold, seq: acked, at: now, late: false });
    }
  }

  #takeGoodbye(cause: number, now: number): void {
    this.#left = true;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#silence();

    if (cause === GoodbyeCause.HeartbeatOff) {
      this.#verdict.wait('no-server-half', now);
    } else {
      this.#verdict.down('goodbye', now);
    }
  }

  /** An interruption is over. A connection that failed meanwhile is judged by that. */
  #judgeAnew(now: number): void {
    const reason = this.#downFor;

    this.#downFor = undefined;

    if (reason !== undefined) {
      this.disconnected(reason, now);
    } else if (this.#judging) {
      this.#detector.start(now);
    }
  }

  #resume(now: number): void {
    if (this.#open && this.#log.highest >= 0) {
      this.#judging = true;
      this.#detector.start(now);
    }
  }

  #silence(): void {
    this.#judging = false;
    this.#helloAt = Number.POSITIVE_INFINITY;
    this.#detector.stop();
  }

  #greet(now: number): void {
    this.#hellosLeft = HELLO_COPIES;
    this.#sendHello(now);
  }

  #sendHello(now: number): void {
    this.#hellosLeft--;
    this.#helloAt = this.#hellosLeft > 0 ? now + this.#options.interval : Number.POSITIVE_INFINITY;
    this.#sayHello();
  }

  #sayHello(): void {
    this.#send({ type: 'hello', instance: this.#options.instance, hidden: this.#hidden ? 1 : 0 });
  }

  #violate(now: number): void {
    this.#overdueAt = Number.POSITIVE_INFINITY;
    this.#silence();
    this.#verdict.down('protocol-violation', now);
    this.#host.violation();
  }

  #send(frame: Frame): void {
    if (this.#open && !this.#left) {
      this.#host.send(encodeFrame(frame, this.#options.version));
    }
  }
}

function fromThousandths(thousandths: number): number | undefined {
  return thousandths === UNKNOWN_LOSS ? undefined : thousandths / 1000;
}
