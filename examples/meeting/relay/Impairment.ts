/** What the relay does to the packets of one direction. */
export type Impairment = {
  /** Delay of every packet, in ms. */
  delay: number;
  /** Up to so many ms more, evenly distributed. Packets keep their order unless `reorder` says otherwise. */
  jitter: number;
  /** The share of packets that is lost, independently: 0–1. */
  loss: number;
  /** The share of packets that arrives twice: 0–1. */
  duplicate: number;
  /** The share of packets with one flipped bit: 0–1. */
  corrupt: number;
  /** Whether jitter may let a packet overtake another. */
  reorder: boolean;
  /** Whether everything is lost. */
  blackout: boolean;
};

/** No impairment. */
export const UNIMPAIRED: Readonly<Impairment> = {
  delay: 0,
  jitter: 0,
  loss: 0,
  duplicate: 0,
  corrupt: 0,
  reorder: false,
  blackout: false,
};

/** What happened to the packets of a direction so far. */
export type Tally = {
  forwarded: number;
  lost: number;
  duplicated: number;
  corrupted: number;
};
