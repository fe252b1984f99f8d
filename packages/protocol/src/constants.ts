/** The version of the wire protocol that this build speaks best. [HB-VER-1] */
export const PROTOCOL_VERSION = 1;

/** All versions that this build speaks, in ascending order. [HB-VER-1] */
export const SUPPORTED_VERSIONS: readonly number[] = [PROTOCOL_VERSION];

/** No frame of any version is longer; what is longer is dropped unread. [HB-FRM-2] */
export const MAX_FRAME_BYTES = 64;

/** Durations travel in units of a quarter of a millisecond. [HB-FRM-5] */
export const TICKS_PER_MS = 4;

/** The highest duration a 16 bit field can carry: "this long or longer". [HB-FRM-5] */
export const MAX_TICKS = 0xffff;

/**
 * The most that is believed of a pong's hold time, in ms. An honest client answers from `onmessage` within a few ms. A larger
 * value could make a round trip look short. [HB-RTT-2]
 */
export const MAX_HOLD = 100;

/** Range of the ping interval, in ms. [HB-NEG-4] */
export const INTERVAL = { min: 100, max: 15_000 } as const;

/** The highest SCTP stream id that a heartbeat may be given (RFC 8831 §6.2 reserves 65535). [HB-NEG-5] */
export const MAX_STREAM_ID = 65_534;

/** Options of the SCTP stream, both ways: nothing is sent again, nothing blocks what follows. [HB-CHN-1] */
export const STREAM_OPTIONS = { ordered: false, maxRetransmits: 0 } as const;

/** Label and subprotocol of the DataChannel and of mediasoup's data objects. [HB-CHN-2] */
export const CHANNEL_LABEL = 'mediasoup-heartbeat';
