/**
 * Why ICE is restarted.
 *
 * - `silence`, `ice-disconnected`, `ice-failed`: the heartbeat misses the server, or the browser says so of its connection.
 * - `online`, `connection-change`, `resumed`: the browser says that there is a network again, or another one, or the page has slept.
 * - `network-changed`: the application said so.
 * - `application`: it gave new ICE parameters when it was asked.
 * - `new-path`: on the server. The client has come on another path.
 */
export type RecoveryCause =
  | 'silence'
  | 'ice-disconnected'
  | 'ice-failed'
  | 'online'
  | 'connection-change'
  | 'resumed'
  | 'network-changed'
  | 'application'
  | 'new-path';

/**
 * Why recovery was given up.
 *
 * - `gave-up`: nothing helped for `giveUpAfter`.
 * - `channel-lost`: the browser gave up the connection and closed the transport's data channels with it, as Firefox does. Media may
 *   return. For data channels, and for the heartbeat, the application has to create the transport anew.
 * - `no-local-restart`: the transport's handler is not one of mediasoup-client's, and there is no `recover.restart` to ask.
 */
export type RecoveryFailure = 'gave-up' | 'channel-lost' | 'no-local-restart';

/** Payload of `recovering`. */
export type Recovering = {
  /** Why. */
  cause: RecoveryCause;
  /** The how manieth restart it is since the path was lost, from 1. */
  attempt: number;
  /** When, see `StateChange.at`. */
  at: number;
  /** How long the peer had been silent by then, in ms. */
  silentFor: number;
};

/** Payload of `recovered`. Times in ms. */
export type Recovered = {
  /** How many restarts it took. */
  attempts: number;
  /** From the last ping before to the first one after. */
  outage: number;
  /** From the loss to the first packet after the restart, by the transport's counters. `undefined`: they did not show it. */
  restoredIn: number | undefined;
  /** From the loss to the first authentic ping after the restart: that is the proof. Pings may return later than media. */
  provenIn: number;
  /** When, see `StateChange.at`. */
  at: number;
};

/** Payload of `recoveryfailed`. */
export type RecoveryFailed = {
  /** Why. */
  reason: RecoveryFailure;
  /** How many restarts were tried. */
  attempts: number;
  /** When, see `StateChange.at`. */
  at: number;
};

/** The events of a recovery. */
export type RecoveryEvents = {
  /** The path is lost, and ICE is restarted. */
  recovering: [Recovering];
  /** It worked. */
  recovered: [Recovered];
};
