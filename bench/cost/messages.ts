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

/** From a server to its peers. `distance` is what a peer waits before it answers, in ms. `port`: the relay's, if there is one. */
export type PeerOrder =
  | {
      kind: 'connect';
      index: number;
      transport: PeerTransport;
      distance: number;
      speaks: 'ours' | 'raw';
      port: number | undefined;
    }
  | { kind: 'connected'; index: number }
  | { kind: 'ws'; url: string; distances: number[] }
  | { kind: 'socket.io'; url: string; peers: number };

/** From the peers to their server. */
export type PeerNews =
  | { kind: 'connect'; index: number; dtlsParameters: types.DtlsParameters }
  /** That peer is connected, or all of another kind. */
  | { kind: 'ready'; index?: number };

/** Something for each direction, as the client sees them. */
export type Directions<T> = { uplink: T; downlink: T };

/** From a server to its relay. */
export type RelayOrder =
  | { kind: 'open'; serverPort: number; seed: number }
  | { kind: 'lose'; loss: Directions<number> }
  | { kind: 'count' };

/** What passed a relay. */
export type Passed = { packets: number; bytes: number };

/** From a relay to its server. */
export type RelayNews =
  | { kind: 'opened'; serverPort: number; port: number }
  | { kind: 'losing' }
  | { kind: 'counted'; passed: Directions<Passed> };

/** From the bench to a server. */
export type ServerOrder =
  | { kind: 'window'; mode: Mode; seconds: number }
  | { kind: 'rtt'; seconds: number }
  | { kind: 'pace'; seconds: number }
  | { kind: 'wire'; seconds: number }
  | { kind: 'loss'; loss: Directions<number>; seconds: number }
  | { kind: 'summary' }
  | { kind: 'close' };

/** What a server measured once, over one window. Times in ms. */
export type Window = {
  mode: Mode;
  checks: number;
  /** CPU time of the server's Node process, and of its worker. */
  cpu: number;
  workerCpu: number;
  /** UDP payload of all peers, both directions, by the worker's counters, and how long the window was. */
  bytes: number;
  duration: number;
};

/** How much some times vary, in ms. */
export type Quantiles = { p50: number; p99: number; max: number };

/** How exact a server's timers are while it runs, in ms. */
export type Pace = {
  /** How far the time between two pings to a peer is from the interval. */
  timers: Quantiles;
  /** `perf_hooks.monitorEventLoopDelay()`, less the period of its own timer. */
  loopDelay: Quantiles;
};

/** What passed the relay, per second and peer. */
export type Wire = Directions<Passed>;

/** The loss of one direction: fractions. */
export type Loss = {
  injected: number;
  /** Of all peers together. */
  measured: number;
  /** Over so many pings. */
  pings: number;
};

/** What a server measured as its peers joined, and at its end. Times in ms, memory in bytes. */
export type Summary = {
  /** CPU time of Node for one more peer with its channel, and how many checks of peers that had joined were made meanwhile, for each. */
  attachCpu: number;
  attachChecks: number;
  /** The median time of one `attachHeartbeat()`, or of opening the raw channel, while ten peers join at once. */
  attachTime: number;
  /** Heap and array buffers for one more peer with its channel, at first and after all windows. */
  heap: number;
  heapLater: number;
  /** Resident memory of the process for one more peer. */
  rss: number;
  /** For each peer: smoothed RTT less its distance. A server with raw channels has none: see the order `rtt`. */
  rttErrors: number[];
};

/** What closing took: CPU time of Node for each peer, and the time for all of them, in ms. */
export type Closing = { cpu: number; duration: number };

/** What each order of the bench brings back. */
export type Results = {
  window: Window;
  /** For each peer of raw channels: the mean RTT less its distance, in ms. */
  rtt: number[];
  pace: Pace;
  wire: Wire;
  loss: Directions<Loss>;
  summary: Summary;
  close: Closing;
};

/** From a server to the bench. */
export type ServerNews = 'ready' | Results[keyof Results];
