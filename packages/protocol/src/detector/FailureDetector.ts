/** A silence, and what it proves. Times in ms of the endpoint's clock, which stands still in local stalls. */
export type Silence = {
  /** When something came last. */
  readonly since: number;
  /** Signs of life in a row that should have come by now: answers on the server side, pings on the client side. */
  readonly missed: number;
  /** -ln P(silence | alive): how improbable a silence like this is for a living peer. */
  readonly weight: number;
};

/** The silence of a whole path, with what is left of it when the longest outage to be survived is taken off. */
export type PathSilence = Silence & {
  /** The misses that no such outage explains, whenever it began. */
  readonly afterOutage: { readonly missed: number; readonly weight: number };
};

/**
 * Learns how a peer falls silent while it lives, and tells what its present silence proves. It has no states, sends
 * nothing, owns no timer and reads no clock: the endpoint tells it what was heard and what was missed, and compares
 * the evidence with its bounds.
 *
 * Pass one of your own as `detector` to try another way of weighing silence. A phi accrual detector, for example,
 * returns `phi * Math.LN10` as the weight.
 */
export interface FailureDetector {
  /** Silence of the peer itself. Suspicion rests on it. */
  readonly peer: Silence;
  /** Silence of everything on the path: of the peer, and of its network stack. Death rests on it. */
  readonly path: PathSilence;
  /** Judging begins anew at `now`: forget what was missed, keep what was learned. */
  begin(now: number): void;
  /**
   * The peer was heard at `now`.
   *
   * @param provenAt - When the peer was certainly reachable: half a round trip ago for an answer.
   * @param inTime - Whether it came before it counted as missed.
   */
  heard(now: number, provenAt: number, inTime: boolean): void;
  /** Only the peer's network stack was heard at `now`. */
  pathHeard(now: number): void;
  /** A sign of life that was asked for at `askedAt` has not come in time. */
  missed(askedAt: number): void;
}

/** Makes the failure detector of one endpoint. */
export type FailureDetectorFactory = (bounds: DetectorOptions, side: 'server' | 'client') => FailureDetector;

/** The bounds of suspicion and death, in ms. The presets hold values with measured figures. */
export type DetectorOptions = {
  /** Time between two pings of a healthy peer. */
  interval: number;
  /** The shortest silence after which a peer may be suspected. */
  suspectAfter: number;
  /**
   * The shortest silence after which a peer may be dead. Above `suspectAfter`. Less than 1 s above `interval` also
   * gives bursts of loss little time before any has been seen.
   */
  deadAfter: number;
  /** The hard limit: the silence after which a peer is dead however poor its link is. At least `deadAfter`. */
  deadAtLatest: number;
  /** The silence after which a peer whose network stack still answers is dead. At least `deadAfter`. */
  unresponsiveAfter: number;
};
