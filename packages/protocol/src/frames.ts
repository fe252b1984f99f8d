/** Server to client: are you there? [HB-PING] */
export type Ping = {
  type: 'ping';
  /** Sequence number, 16 bits. */
  seq: number;
  /** 32 unpredictable bits that the answer must repeat: nobody can answer a ping that did not arrive. */
  token: number;
  /** How many pings ago the pong was asked for that the server received last, 1–127. 0: none lately. */
  ack: number;
  /** How long ago that pong came, in quarters of a ms. With `ack` the client measures its own RTT. */
  ackHold: number;
  /** How many pongs the server has received, modulo 128: the client's own view of uplink loss. */
  pongs: number;
};

/** Client to server: I am. [HB-PONG] */
export type Pong = {
  type: 'pong';
  /** The ping's sequence number. */
  seq: number;
  /** The ping's token. */
  token: number;
  /** How long the client held the ping, in quarters of a ms. */
  hold: number;
  /** Which of the 32 pings before this one arrived, the latest in bit 0: tells downlink from uplink loss. */
  seen: number;
  /** 1 where the page is in the background, 0 where not. Older clients leave it out. [HB-PONG-4] */
  hidden?: number;
};

/** Client to server, when the channel opens and when a page comes back: ping me. [HB-HELLO] */
export type Hello = {
  type: 'hello';
  /** A random number of this client side: another number means that it was set up anew. */
  instance: number;
  /** 1 where the page is in the background. */
  hidden: number;
  /**
   * For how long no ping has come, in ms, while nothing else comes either: the client has given up hearing the server.
   * `MAX_SILENCE`: so long or longer. Left out where it hears the server, and by older clients. [HB-HELLO-6]
   */
  silence?: number;
};

/** Server to client: how the server sees you. [HB-REPORT] */
export type Report = {
  type: 'report';
  /** Index into `REPORT_STATES`. */
  state: number;
  /** Smoothed RTT in quarters of a ms. `MAX_TICKS`: none yet, or longer. */
  rtt: number;
  /** Downlink loss in thousandths. 1001: unknown. */
  downlink: number;
  /** Uplink loss in thousandths. 1001: unknown. */
  uplink: number;
};

/** Either way: I am leaving. Sent three times, as each copy is lost as often as any other frame. [HB-BYE] */
export type Goodbye = {
  type: 'goodbye';
  /** Why: one of `GoodbyeCause`. An unknown cause counts as `PageClosing`. */
  cause: number;
};

/** Either way: do not take my silence for death. [HB-PAUSE] */
export type Paused = {
  type: 'paused';
  /** Why: one of `PauseCause`. An unknown cause is ignored. */
  cause: number;
  /** For how long at the most, in ms. 0: unknown. */
  duration: number;
};

/** Either way: the pause is over. [HB-PAUSE] */
export type Resumed = {
  type: 'resumed';
  /** What is over: one of `PauseCause`. */
  cause: number;
};

/** Any frame of version 1. */
export type Frame = Ping | Pong | Hello | Report | Goodbye | Paused | Resumed;

/** The names of the frame types. */
export type FrameType = Frame['type'];

/** Why somebody leaves. [HB-BYE-2] */
export const GoodbyeCause = {
  /** The page is closed or navigated away. */
  PageClosing: 0,
  /** The application closes the transport. */
  TransportClosing: 1,
  /** The application switches the heartbeat off; the transport stays, and nobody has died. */
  HeartbeatOff: 2,
} as const;

/** Why somebody will be silent. [HB-PAUSE-2] */
export const PauseCause = {
  /** The browser freezes the page: it will not answer until it thaws. */
  Frozen: 0,
  /** The page went into the background. It still answers. */
  Hidden: 1,
  /** An interruption is expected (ICE restart, a planned move). */
  Interruption: 2,
} as const;

/** The states that a report can name, by index. [HB-REPORT-2] */
export const REPORT_STATES = ['pending', 'alive', 'suspect', 'dead', 'closed'] as const;

/** "Unknown" in the loss fields of a report. [HB-REPORT-3] */
export const UNKNOWN_LOSS = 1001;

/** The longest silence that a hello can tell, in ms. [HB-HELLO-6] */
export const MAX_SILENCE = 0xffff;

type Fields<T extends Frame> = readonly (readonly [Exclude<keyof T & string, 'type'>, number, true?])[];

/**
 * One frame type on the wire: its number, and its fields in order with the highest value of each, and `true` where a
 * sender may leave it out. [HB-FRM-4]
 */
export type Layout = {
  readonly code: number;
  readonly fields: readonly (readonly [name: string, max: number, optional?: true])[];
};

const layout = <T extends Frame>(code: number, fields: Fields<T>): Layout => ({ code, fields });

/** The wire layout of every frame type: the table of PROTOCOL.md, and all that the codec knows. [HB-FRM-4] */
export const LAYOUTS: Readonly<Record<FrameType, Layout>> = {
  ping: layout<Ping>(1, [
    ['seq', 0xffff],
    ['token', 0xffff_ffff],
    ['ack', 127],
    ['ackHold', 0xffff],
    ['pongs', 127],
  ]),
  pong: layout<Pong>(2, [
    ['seq', 0xffff],
    ['token', 0xffff_ffff],
    ['hold', 0xffff],
    ['seen', 0xffff_ffff],
    ['hidden', 1, true],
  ]),
  hello: layout<Hello>(3, [
    ['instance', 0xffff_ffff],
    ['hidden', 1],
    ['silence', MAX_SILENCE, true],
  ]),
  report: layout<Report>(4, [
    ['state', REPORT_STATES.length - 1],
    ['rtt', 0xffff],
    ['downlink', UNKNOWN_LOSS],
    ['uplink', UNKNOWN_LOSS],
  ]),
  goodbye: layout<Goodbye>(5, [['cause', 127]]),
  paused: layout<Paused>(6, [
    ['cause', 127],
    ['duration', 0xffff_ffff],
  ]),
  resumed: layout<Resumed>(7, [['cause', 127]]),
};
