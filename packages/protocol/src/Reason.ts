/**
 * The states of a heartbeat.
 *
 * - `pending`: the peer has not been heard yet (no pong on the server, no ping on the client).
 * - `alive`, `suspect`, `dead`: what the silence says. A dead peer that answers again is alive again.
 * - `closed`: the transport or the heartbeat is gone. Final.
 */
export type State = 'pending' | 'alive' | 'suspect' | 'dead' | 'closed';

/**
 * Why a heartbeat is in its state. A closed union: a `switch` over it can be exhaustive.
 *
 * Waiting (`pending`):
 * - `new`: just attached, nothing has happened yet.
 * - `no-client-half` / `no-server-half`: the other side does not run this library, or has switched it off.
 * - `not-connected`: the transport has not connected. With an accepted heartbeat this becomes `dead`, unless ICE is up.
 * - `version-mismatch`: the two sides share no protocol version.
 * - `stream-id-taken`: the application uses the heartbeat's SCTP stream.
 * - `fake-handler`: the device has mediasoup-client's FakeHandler, for unit tests: there is nothing to judge.
 * - `unsupported-client`: this mediasoup-client, or its handler, lacks a method that the heartbeat needs.
 *
 * Good news (`alive`):
 * - `first-pong` / `first-ping`: the first answer, or the first ping, came.
 * - `recovered`: it is back after `suspect` or `dead`.
 *
 * Suspicion and death:
 * - `missed-pings`: pings stay unanswered, or do not arrive, and the path carries nothing else either.
 * - `page-unresponsive`: the page's main thread hangs, though its network stack still answers.
 * - `server-unresponsive`: the server process hangs, though its worker still answers.
 * - `server-network`: most peers of this worker, or of this process, fell silent at the same moment. So the server's own
 *   network is the likely cause.
 * - `worker-unresponsive`: our own mediasoup worker does not answer, so nobody can be heard.
 * - `downlink-lost`: nothing reaches the client, and the client says so, as we still hear it.
 * - `page-frozen`: the browser froze the page, and the page said so.
 * - `goodbye`: the page was closed, or the application closed its transport, and said so.
 * - `no-answer`: connected and accepted, but the first answer never came.
 * - `ice-disconnected`, `dtls-closed`, `dtls-failed`, `sctp-closed`, `sctp-failed`: the transport reports it.
 * - `connection-failed`: the browser gave up the connection.
 * - `channel-closed`: the data channel under the heartbeat was closed by the other side.
 * - `channel-lost`: the browser gave up the connection, and closed its data channels for good, as Firefox does.
 * - `protocol-violation`: the peer broke the protocol beyond what an accident explains.
 *
 * The end (`closed`):
 * - `transport-closed`, `router-closed`, `worker-died`, `heartbeat-closed`.
 * - `channel-failed`: mediasoup refused the heartbeat's own stream; the event `channelerror` has its error.
 */
export type Reason =
  | 'new'
  | 'no-client-half'
  | 'no-server-half'
  | 'not-connected'
  | 'version-mismatch'
  | 'stream-id-taken'
  | 'fake-handler'
  | 'unsupported-client'
  | 'first-pong'
  | 'first-ping'
  | 'recovered'
  | 'missed-pings'
  | 'page-unresponsive'
  | 'server-unresponsive'
  | 'server-network'
  | 'worker-unresponsive'
  | 'downlink-lost'
  | 'page-frozen'
  | 'goodbye'
  | 'no-answer'
  | 'ice-disconnected'
  | 'dtls-closed'
  | 'dtls-failed'
  | 'sctp-closed'
  | 'sctp-failed'
  | 'connection-failed'
  | 'channel-closed'
  | 'channel-lost'
  | 'protocol-violation'
  | 'transport-closed'
  | 'router-closed'
  | 'worker-died'
  | 'heartbeat-closed'
  | 'channel-failed';

/** Payload of `statechange` and of the event named after the new state. */
export type StateChange = {
  /** The state now. */
  state: State;
  /** The state before. Equal to `state` where only the reason changed: then `statechange` alone is emitted. */
  previous: State;
  /** Why. */
  reason: Reason;
  /**
   * When, in ms since the epoch, read from a monotonic clock that was set to the wall clock once, at
   * start: it never jumps, and drifts from the wall clock where that is stepped.
   */
  at: number;
  /** How long the peer had been silent by then, in ms. 0 if it was never heard. */
  silentFor: number;
};

/**
 * The latest change of a state. It is frozen, and the same object until the next change: React's `useSyncExternalStore()`, and every
 * other store of a user interface, can compare it by identity. Before the first change it is `pending` (`new`).
 */
export type Snapshot = Readonly<StateChange>;
