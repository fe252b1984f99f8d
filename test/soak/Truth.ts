import type { Reason, State } from '@mediasoup-heartbeat/server';

/** An outage between a client and the server. Times in ms since the epoch. */
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

/** A change of a side. */
export type Said = { at: number; state: State; reason: Reason };

/** What was done to a client, and the changes of both sides, from when both were alive. */
export type Truth = {
  peer: string;
  from: number;
  blockings: Blocking[];
  /** When the path was lossy, slow or uneven. */
  impairments: { from: number; to: number }[];
  /** When ICE was restarted. */
  restarts: number[];
  end: { kind: 'goodbye' | 'kill'; at: number };
  /** When the observation ended. */
  until: number;
  server: Said[];
  client: Said[];
};
