import type { types } from 'mediasoup';

/** Which process a server is. Each has its own worker and its own peers. */
export type Kind = 'ours' | 'raw' | 'socket.io';

/** What a server does while it is measured. */
export type Mode =
  | 'ours'
  | 'floor, evenly'
  | 'floor, in slots'
  | 'getStats(), evenly'
  | 'getStats(), in slots'
  | 'ws'
  | 'socket.io';

/** A transport as a peer needs it. */
export type PeerTransport = Pick<
  types.WebRtcTransport,
  'id' | 'iceParameters' | 'iceCandidates' | 'dtlsParameters'
>;

/** From a server to its peers. `distance` is what a peer waits before it answers, in ms. */
export type PeerOrder =
  | { kind: 'connect'; index: number; transport: PeerTransport; distance: number; speaks: 'ours' | 'raw' }
  | { kind: 'connected'; index: number }
  | { kind: 'ws'; url: string; distances: number[] }
  | { kind: 'socket.io'; url: string; peers: number };

/** From the peers to their server. */
export type PeerNews =
  | { kind: 'connect'; index: number; dtlsParameters: types.DtlsParameters }
  /** That peer is connected, or all of another kind. */
  | { kind: 'ready'; index?: number };

/** From the bench to a server. */
export type ServerOrder = { mode: Mode; seconds: number };

/** What a server measured once, over one window. Times in ms. */
export type Window = {
  mode: Mode;
  checks: number;
  /** CPU time of the server's Node process, and of its worker. */
  cpu: number;
  workerCpu: number;
  /** UDP payload of all peers, both directions, and how long the window was. */
  bytes: number;
  duration: number;
};

/** What a server measured as its peers joined, and at its end. Times in ms, memory in bytes. */
export type Summary = {
  /** CPU time of Node for one more peer with its channel. */
  attachCpu: number;
  /** Heap and array buffers for one more peer with its channel, at first and after all windows. */
  heap: number;
  heapLater: number;
  /** For each peer: smoothed RTT less its distance. Only ours. */
  rttErrors: number[];
};

/** From a server to the bench. */
export type ServerNews =
  | { kind: 'ready' }
  | { kind: 'window'; window: Window }
  | { kind: 'summary'; summary: Summary };
