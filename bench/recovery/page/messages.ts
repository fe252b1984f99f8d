import type { types } from 'mediasoup-client';
import type { Contender } from '../contenders.ts';

// What the page, its server and the bench tell each other. Types only: the page imports this file, too.

export type Direction = 'send' | 'recv';

/** The application's own requests, over a WebSocket in the same network. */
export type Requests = {
  join: [Record<string, never>, { routerRtpCapabilities: types.RtpCapabilities }];
  createTransport: [{ direction: Direction }, types.TransportOptions];
  connect: [{ transportId: string; dtlsParameters: types.DtlsParameters }, Record<string, never>];
  produce: [
    { transportId: string; kind: types.MediaKind; rtpParameters: types.RtpParameters },
    { id: string },
  ];
  produceData: [
    { transportId: string; sctpStreamParameters: types.SctpStreamParameters; label: string },
    { id: string },
  ];
  consume: [{ rtpCapabilities: types.RtpCapabilities }, types.ConsumerOptions[]];
  consumeData: [Record<string, never>, types.DataConsumerOptions];
  restartIce: [{ transportId: string }, types.IceParameters];
};

/** How the bench has the page set up. */
export type Setup = {
  contender: Contender;
  /** The address of the application's server. */
  signalling: string;
  handlerName: 'Chrome111' | 'Firefox120';
};

/** What the page has noticed. All times in ms since the epoch, by a clock that is never set. */
export type PageLog = {
  /** State changes, hints and the library's events. */
  events: { at: number; what: string; detail?: unknown }[];
  /** When video frames were shown. */
  frames: number[];
  /** Messages of the data channel: when they were sent, and when they came. */
  messages: { sentAt: number; at: number }[];
  /** RTP packets received so far, of both kinds. */
  packets: { at: number; audio: number; video: number }[];
};
