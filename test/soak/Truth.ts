import type { Reason, State } from '@mediasoup-heartbeat/server';

/** What kept a peer and the server from hearing each other. Times in ms since the epoch. */
export type Blocking = {
  /**
   * - `cut`: both directions of the path.
   * - `uplink`: the one from the peer alone.
   * - `stop`: the peer's process.
   * - `pause`: a process, by itself: the machine is busy.
   */
  kind: 'cut' | 'uplink' | 'stop' | 'pause';
  from: number;
  /** `Infinity`: it has not ended. */
  to: number;
};

/** What a half said. */
export type Said = { at: number; state: State; reason: Reason };

/** What was done to a peer, and what both halves said of it: from when both were alive. */
export type Truth = {
  peer: string;
  from: number;
  blockings: Blocking[];
  /** When the path was lossy, slow or uneven. */
  impairments: { from: number; to: number }[];
  /** When ICE was restarted. */
  restarts: number[];
  end: { kind: 'goodbye' | 'kill'; at: number };
  /** When nobody looked any more. */
  until: number;
  server: Said[];
  client: Said[];
};
