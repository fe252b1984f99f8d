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
  /** Whether all RTP and RTCP is lost, as behind a firewall that lets through only STUN and DTLS. */
  blocksMedia: boolean;
  /** The rate of the link, in bits per second: packets that come faster wait in its queue. 0: no limit. */
  rate: number;
  /** What may wait in the queue of a link with a rate, in bytes. What comes when it is full is lost. */
  queue: number;
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
  blocksMedia: false,
  rate: 0,
  queue: 65_536,
};

/** What happened to the packets of a direction so far. */
export type Tally = {
  forwarded: number;
  /** Bytes of those that were forwarded: UDP payload. */
  bytes: number;
  lost: number;
  duplicated: number;
  corrupted: number;
};
