import type { ClientHeartbeatOptions, State, StateChange } from '@mediasoup-heartbeat/client';
import type { types } from 'mediasoup-client';

/** What a process with peers is told. */
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

/** What a process with peers tells. Times are of this process's clock. */
export type News =
  /** A transport wants to be connected. */
  | { kind: 'connect'; peer: string; dtlsParameters: types.DtlsParameters }
  /** The client half of a peer said something. */
  | { kind: 'change'; peer: string; change: StateChange }
  /** A peer has left. `state` is what its client half said last. */
  | { kind: 'left'; peer: string; state: State }
  /** The process did not run between these times, stopped or starved. */
  | { kind: 'paused'; from: number; to: number };
