/** Of one direction, in ms; what did not come back in time is left out. */
export type Times = {
  /** The first RTP on a path that exists. */
  rtp?: number;
  /** The first decoded video frame. */
  frame?: number;
  /** The first data message that was sent after the loss. */
  data?: number;
};

/** How a call came back. */
export type Outcome = {
  up: Times;
  down: Times;
  /** What the page has noticed since the loss, in ms since then. */
  events: { at: number; what: string; detail?: unknown }[];
};

/** The longest gaps in ms while the path was good. */
export type Gaps = { audioUp: number; audioDown: number; videoUp: number; videoDown: number; shown: number };
