import type { ClientHeartbeatOptions, State, StateChange } from '@mediasoup-heartbeat/client';
import type { types } from 'mediasoup-client';

/** Messages to a process with clients. */
export type Order =
  /** A new peer, and the parameters of its transport. */
  | {
      kind: 'join';
      peer: string;
      capabilities: types.RtpCapabilities;
      transport: types.TransportOptions;
      heartbeat: ClientHeartbeatOptions;
    }
  /** The answer to `connect`. */
  | { kind: 'connected'; peer: string }
  | { kind: 'restartIce'; peer: string; iceParameters: types.IceParameters }
  /** It closes its transport, with a goodbye, and is forgotten. */
  | { kind: 'leave'; peer: string };

/** Messages from a process with clients. Times are of that process's clock. */
export type News =
  /** A transport wants to be connected. */
  | { kind: 'connect'; peer: string; dtlsParameters: types.DtlsParameters }
  /** The state of a client's heartbeat changed. */
  | { kind: 'change'; peer: string; change: StateChange }
  /** A client has left. `state` is the last state of its heartbeat. */
  | { kind: 'left'; peer: string; state: State }
  /** The process did not run between these times, stopped or starved. */
  | { kind: 'paused'; from: number; to: number };
