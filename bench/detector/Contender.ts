import type { ArrivalDetector, PingDetector } from '../../packages/protocol/src/detector/Detector.ts';

/** One detector in the bench, for one peer, and what it rests on. */
export type Contender = {
  detector: PingDetector;
  /** Its owner asks the transport for a second opinion. */
  asks?: boolean;
  /** The detector of the half that answers it. */
  answering?: () => ArrivalDetector;
  /** Its pings go over a reliable, ordered transport (a WebSocket, a yamux stream). */
  reliable?: boolean;
  /** It does not ping but counts what the peer sends by itself, this often in ms. */
  traffic?: number;
  /** What the peer sent by itself is there. */
  heard?: (now: number) => void;
};

/** A detector to compare. */
export type Entry = {
  name: string;
  /** Where its parameters and its way of judging come from. */
  source: string;
  /** Whether it is one of ours. */
  ours?: boolean;
  /** Whether it knows suspicion before death. */
  suspects?: boolean;
  /** Whether it looks at ten packets a second, so that it takes long to simulate. */
  frequent?: boolean;
  create: () => Contender;
};
