/** Round-trip time figures, in ms. `undefined` until the first sample. */
export type RttStats = {
  /** The latest sample. */
  last: number | undefined;
  /** Smoothed RTT: SRTT of RFC 6298 §2. */
  smoothed: number | undefined;
  /** Mean deviation: RTTVAR of RFC 6298 §2. */
  variation: number | undefined;
  /** Minimum of the window: the latest 128 samples, each rounded to a µs. */
  min: number | undefined;
  /** Median of the window. */
  p50: number | undefined;
  /** 95th percentile of the window. */
  p95: number | undefined;
};

/**
 * Loss as fractions 0–1 of the last two minutes, over one ping of each interval: probes do not count. Outages are not in it, see
 * {@link OutageStats}. A ping counts 3 s after it left. `undefined` while there is none.
 */
export type LossStats = {
  /** Pings that did not reach the client. */
  downlink: number | undefined;
  /** Pongs that did not reach the server, of the pings that reached the client. */
  uplink: number | undefined;
  /** Pings without an answer, whichever way it was lost. */
  round: number | undefined;
  /** How many pings the fractions are over. */
  window: number;
};

/** One outage. */
export type Outage = {
  /** When the first ping left that did not come through, in ms since the epoch (see `StateChange.at`). */
  at: number;
  /** From then until the first ping left that came through, in ms. For how long so far, while it goes on. */
  duration: number;
  /**
   * `uplink`: the pings reached the client, its answers did not reach the server. `unknown`: nothing came through, so that
   * nobody can know what else would have.
   */
  direction: 'uplink' | 'unknown';
};

/**
 * Outages since the beginning: times of a second or longer in which 8 pings or more in a row did not come through, and
 * more than the loss of the link explains. The server counts one from 3 s after its beginning, the client when it is over.
 */
export type OutageStats = {
  /** How many. */
  count: number;
  /** All of them together, in ms. */
  total: number;
  /** The longest, in ms. */
  longest: number;
  /** The latest. `undefined`: there was none. */
  last: Outage | undefined;
};

/** Figures of one heartbeat. A plain object, safe to `JSON.stringify`. Times are in ms. */
export type Stats = {
  /** When the figures were read, in ms since the epoch (see `StateChange.at`). */
  at: number;
  /** The round trip, as this side measures it. */
  rtt: RttStats;
  /** The loss by direction, without outages. */
  loss: LossStats;
  /** The outages, which are no loss. */
  outages: OutageStats;
  /** Pings sent (server) or pongs sent (client). */
  sent: number;
  /** Pongs received (server) or pings received (client). */
  received: number;
  /** Answers that came after their ping had been counted as lost. They are no longer counted as lost. */
  late: number;
  /** Pings or pongs that are given up, those of outages included. */
  lost: number;
  /** Frames that were dropped: malformed, forged, replayed, or of an unknown type. */
  malformed: number;
  /** Frames that this library could not handle because of an error of its own. See the event `internalerror`. */
  internalErrors: number;
  /**
   * The server's own health. `server-network`: most peers of its worker, or of its process, fell silent at the same moment.
   * `worker-unresponsive`: its worker does not answer. Always `well` on the client side.
   */
  localHealth: 'well' | 'server-network' | 'worker-unresponsive';
  /** When the peer was last heard, in ms since the epoch (see `StateChange.at`). */
  lastSeenAt: number | undefined;
  /** How long nothing has been heard of the peer. 0 until it spoke. */
  silentFor: number;
  /** Since when the peer is, without a break, not dead. `undefined` while pending or dead. */
  upSince: number | undefined;
  /** Whether the page said that it is in the background. */
  hidden: boolean;
  /** What the state is based on. */
  evidence: Evidence;
};

/** What the state is based on. */
export type Evidence = {
  /** Misses in a row: answers (server) or pings (client) that should have come by now. */
  missed: number;
  /** The present response timeout, in ms. */
  deadline: number;
  /** How close the peer is to death: 0 (just heard) to 1 (dead). */
  suspicion: number;
  /**
   * Whether the path still carries anything, by the transport's own counters. They are read only while answers are missing: `unknown`
   * if all is well, or not yet known.
   */
  path: 'carries' | 'silent' | 'unknown';
};

/** One answered ping. */
export type Sample = {
  /** Round-trip time without the time the peer held the ping, in ms. */
  rtt: number;
  /** How long the peer says it held the ping, in ms. */
  hold: number;
  /** Sequence number of the ping. */
  seq: number;
  /** When the answer came (see `StateChange.at`). */
  at: number;
  /** Whether the answer came after its ping had been counted as lost. */
  late: boolean;
};
