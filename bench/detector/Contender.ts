/** What a detector says of a peer. */
export type Judgement = 'alive' | 'suspect' | 'dead';

/** What the bench asks of a detector that pings. Times in ms. */
export interface Detector {
  /** When the bench is to ping for it. `Infinity`: not at all, it pings by itself. */
  readonly pingAt: number;
  /** When it wants to be called next. */
  readonly judgeAt: number;
  /** Answers missing in a row. */
  readonly missed: number;
  /** The first ping is due at once, the next one `phase` later. */
  start(now: number, phase: number): void;
  /** A ping left. `seq` counts from 0. */
  sent(seq: number, now: number): void;
  /** The ping `seq` was answered. */
  answered(seq: number, rtt: number, now: number): void;
  /** Its timer has fired, and what has arrived by now is read. */
  timeout(now: number): void;
  /** What it says of the peer. */
  judge(now: number): Judgement;
  /** The server did not run between these times. */
  stalled(from: number, to: number): void;
  /** Whether a ping left by itself since it was last asked. */
  takePing(): boolean;
  /** Whether it wants to know how much the network stack has received. */
  takePathProbe(): boolean;
  /** The network stack has received so many packets by now. */
  path(received: number, now: number): void;
  /** The client says that it hears nothing. */
  told?(now: number): void;
}

/** What the bench asks of the side that answers, and judges by the pings that arrive. */
export interface AnsweringDetector {
  /** When it wants to be called next. */
  readonly judgeAt: number;
  /** The ping `seq` arrived. The first one is the beginning. */
  arrived(seq: number, now: number): void;
  /** Its timer has fired, and what has arrived by now is read. */
  timeout(now: number): void;
  /** What it says of the server. */
  judge(): Judgement;
  /** Whether it has told the server since it was last asked that it hears nothing. */
  takeWord(): boolean;
}

/** One detector in the bench, for one peer, and what it rests on. */
export type Contender = {
  detector: Detector;
  /** It asks what the network stack has received. */
  asks?: boolean;
  /** The detector of the side that answers it. */
  answering?: (isHidden: boolean) => AnsweringDetector;
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
