/** A failure detector's judgement. `pending` and `closed` are not its business. */
export type Judgement = 'alive' | 'suspect' | 'dead';

/**
 * What every failure detector of this protocol has in common.
 *
 * It is pure. Times come in as `now`, in ms of one monotonic clock; it owns no timer and reads no clock.
 * Its owner calls {@link judge} whenever {@link judgeAt} has come and reads the times anew after each call.
 *
 * This interface is all that server and client know of detection, so that another detector can replace
 * the one at hand without touching them.
 */
export interface Detector {
  /**
   * Begins judging at `now`: the path is up. Called again after an announced interruption and whenever
   * judgement has to begin anew: forgets what was missed, keeps what was learned of the link.
   */
  start(now: number): void;
  /** Stops judging: the path is down by its own word, or nobody is expected to answer. */
  stop(): void;
  /**
   * The own process did not run between `from` and `to` (a blocked event loop, a frozen page, a suspended
   * machine). What arrived meanwhile may still be unread, so that silence proves nothing yet.
   */
  stalled(from: number, to: number): void;
  /**
   * What the transport itself says, in answer to {@link wantsOpinion}: `true` where the peer's network
   * stack has been heard since the last question (its process lives, only nobody answers in it), `false`
   * where the path is silent, too, `undefined` where that is not known yet. `congestedFor`: for so long, in ms,
   * pings or answers may be missing because they wait in a queue, behind data of the application: nobody is suspected for it.
   */
  opinion(pathAlive: boolean | undefined, now: number, congestedFor?: number): void;
  /** The transport reports trouble (ICE disconnected): suspect at once, and make sure. */
  trouble(now: number): void;
  /** Judges the peer as of `now`. */
  judge(now: number): Judgement;
  /** When {@link judge} can next come to another judgement with nothing heard. `Infinity`: never. */
  readonly judgeAt: number;
  /** Whether the transport should be asked for its own view. Asking costs: only while answers are missing, not for ever. */
  readonly wantsOpinion: boolean;
  /** Whether, by the last opinion, the path is alive: suspicion falls on the peer's process, not on the network. */
  readonly pathAlive: boolean;
  /** Pings in a row that should have been answered, or should have arrived, by now. */
  readonly missed: number;
  /** How long an answer, or the next ping, is waited for at present, in ms. */
  readonly deadline: number;
  /** How sure it is that the peer is gone: 0 (just heard) to 1 (dead). */
  readonly suspicion: number;
}

/** The detector of the half that pings. It also says when to ping: its owner pings whenever {@link pingAt} has come. */
export interface PingDetector extends Detector {
  /**
   * @param phase - When the next ping after the immediate first one is due, in ms from `now`, above 0 and at
   * most the interval; then one each interval. Its owner spreads the peers of a process over the interval by
   * it, as answers that come all at once inflate each other's RTT. Default: the interval.
   */
  start(now: number, phase?: number): void;
  /** A ping left. `seq` counts from 0 without wrapping. */
  sent(seq: number, now: number): void;
  /** The ping `seq` was answered for the first time. `rtt` is without the peer's hold time. */
  answered(seq: number, rtt: number, now: number): void;
  /** When the next ping is due. `Infinity`: none. */
  readonly pingAt: number;
}

/** The detector of the half that answers: it judges the other half by the pings that arrive. */
export interface ArrivalDetector extends Detector {
  /** The ping `seq` arrived. `seq` counts without wrapping, as far as can be told from what arrived. */
  arrived(seq: number, now: number): void;
}

/**
 * Nobody is dead before the transport can have been asked for its opinion, in ms: two looks at it 500 ms apart, and what
 * lies between. Of consequence only where bounds are tight.
 */
export const OPINION_TAKES = 700;

/** For how long congestion explains a silence, in ms. Beyond, a page that hangs in the middle of a transfer is suspected. */
export const CONGESTED_MOST = 60_000;

/** Bounds of a detector, in ms. The presets hold values with measured figures. */
export type DetectorOptions = {
  /** Time between two pings of a healthy peer. */
  interval: number;
  /** The shortest silence after which a peer may be suspected. */
  suspectAfter: number;
  /**
   * The shortest silence after which a peer may be dead. Above `suspectAfter`. Less than 1 s above `interval` it also means
   * that bursts of loss are given little time before any has been seen.
   */
  deadAfter: number;
  /** The silence after which a peer is dead however poor its link is. At least `deadAfter`. */
  deadBefore: number;
  /** The silence after which a peer whose network stack still answers is dead. At least `deadAfter`. */
  unresponsiveAfter: number;
};
