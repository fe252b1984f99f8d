import type { Reason, State } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import type { Impairment } from '../relay/Impairment.ts';

// The messages between the page, the clients in Node and the server, as JSON over one WebSocket: requests with an id
// and a response, and notifications. Types only: the page imports this file, too.

export type Direction = 'send' | 'recv';

/** How a transport's path is impaired, in both directions, as the client sees them. */
export type PathImpairment = { uplink: Partial<Impairment>; downlink: Partial<Impairment> };

/** A slow or lossy direction of a path. Without a value it has none of that. */
export type BadLink = Partial<Pick<Impairment, 'delay' | 'jitter' | 'loss'>>;

/** A slow or lossy network, as the client sees its directions. */
export type BadNetwork = { uplink?: BadLink; downlink?: BadLink };

/**
 * What can be done to a client for some seconds: cut its network; make it slow or lossy; take it out of its network, so
 * that only an ICE restart brings it back; mute it; stop its process. The last two need a client in Node.
 */
export type DisturbanceName = 'cut' | 'bad-network' | 'walk' | 'mute' | 'freeze';

/** How the process of a client in Node can end: it closes its page and says goodbye, or it is killed. */
export type ProcessSignal = 'leave' | 'kill';

/** Requests by method, with their response. */
export type Requests = {
  /** Starts to receive `roster` and `change`, before joining or without joining at all. */
  watch: { data: Record<string, never>; answer: { routerRtpCapabilities: types.RtpCapabilities } };
  /** Clients in Node name their process, so that it can be stopped and killed. */
  join: { data: { name: string; pid?: number }; answer: { peerId: string; producers: ProducerInfo[] } };
  createTransport: { data: { direction: Direction }; answer: types.TransportOptions };
  connectTransport: {
    data: { transportId: string; dtlsParameters: types.DtlsParameters };
    answer: Record<string, never>;
  };
  produce: {
    data: { transportId: string; kind: types.MediaKind; rtpParameters: types.RtpParameters };
    answer: { id: string };
  };
  consume: {
    data: { producerId: string; rtpCapabilities: types.RtpCapabilities };
    answer: types.ConsumerOptions;
  };
  /** New ICE parameters, for a client that does not get back by itself. */
  restartIce: { data: { transportId: string }; answer: types.IceParameters };
  resumeConsumer: { data: { consumerId: string }; answer: Record<string, never> };
  /** Says that the client pauses or resumes what it sends. */
  pause: { data: { producerId: string; paused: boolean }; answer: Record<string, never> };
  /** Disturbs a client for more than 0 and at most 60 s. `network` belongs to `bad-network`. */
  disturb: {
    data: { peerId: string; name: DisturbanceName; seconds: number; network?: BadNetwork };
    answer: Record<string, never>;
  };
  /** Ends all disturbances of a client. */
  restore: { data: { peerId: string }; answer: Record<string, never> };
  /** Ends the process of a client in Node. */
  end: { data: { peerId: string; signal: ProcessSignal }; answer: Record<string, never> };
  /** Starts a client in Node again, by its name. */
  bringBack: { data: { name: string }; answer: Record<string, never> };
};

/** Notifications of the server by method. */
export type Notifications = {
  /**
   * All clients, as the server sees them, and the names of the clients in Node that are gone. Twice a second, and at
   * every change. `at` is the server's time.
   */
  roster: { at: number; peers: PeerView[]; absent: string[] };
  /** What happened to a client since the last notification, or before the page came. */
  history: { seat: string; history: HistoryView };
  /** A state changed. */
  change: ChangeView;
  newProducer: ProducerInfo;
  producerClosed: { producerId: string };
  /** A client in Node is to mute itself, or to stop that. */
  mute: { muted: boolean };
};

export type ProducerInfo = { peerId: string; producerId: string; kind: types.MediaKind };

/** A client as the server sees it. */
export type PeerView = {
  id: string;
  /** Its place in the room. A client that returns under its name takes its place again. */
  seat: string;
  name: string;
  /** Whether it runs in Node, and its process can be stopped and killed. */
  node: boolean;
  /** The worst state of its transports, and the reason and time of that. */
  state: State;
  reason: Reason;
  changedAt: number;
  /** What it sends. `undefined`: no such track. */
  audio: 'on' | 'off' | undefined;
  video: 'on' | 'off' | undefined;
  /** How much it gets of the videos of others, of the worst one. `undefined`: it gets none. */
  receivedVideo: 'full' | 'low' | 'paused' | undefined;
  /** What others would say: a poll of `getStats()`, and mediasoup's ICE consent. */
  rtpPoll: Verdict;
  iceConsent: Verdict;
  /** When it came back from another network, and for how many ms no packet had got through. Of both transports, the longer one. */
  recovery: { at: number; gap: number } | undefined;
  /** What disturbs it, until when. */
  disturbances: Partial<Record<DisturbanceName, number>>;
  transports: TransportView[];
};

/** What a simpler judge says of a client, and since when. */
export type Verdict = { state: 'alive' | 'dead'; at: number };

/** What a timeline shows, each in the order of time. Times in ms since the epoch. */
export type HistoryView = { points: Point[]; stays: Stay[]; marks: Mark[] };

/** An answered ping, or a missed one without RTT. Loss: fractions. */
export type Point = { at: number; rtt: number | null; downlink: number | null; uplink: number | null };

/** A state that the client came into. */
export type Stay = { at: number; state: State };

/** What can be marked in a timeline. */
export type MarkName = DisturbanceName | ProcessSignal | 'restored' | 'back';

/** What was done to the client, for how long in ms. 0: for good. */
export type Mark = { at: number; name: MarkName; duration: number };

/** A transport as the server's heartbeat sees it. Times in ms. */
export type TransportView = {
  id: string;
  direction: Direction;
  state: State;
  reason: Reason;
  /** When the state or its reason changed last, in ms since the epoch. */
  changedAt: number;
  /** Smoothed RTT. */
  rtt: number | null;
  /** RTT of the latest pings, oldest first, at most 24. `null` is a ping without an answer. */
  rttHistory: (number | null)[];
  /** Fractions. */
  loss: { downlink: number | null; uplink: number | null };
  silentFor: number;
  suspicion: number;
  hidden: boolean;
};

/** A change of state. */
export type ChangeView = {
  peerId: string;
  name: string;
  direction: Direction;
  from: State;
  to: State;
  reason: Reason;
  at: number;
};

export type Request = {
  [M in keyof Requests]: { id: number; method: M; data: Requests[M]['data'] };
}[keyof Requests];
export type Response = { id: number; data: unknown } | { id: number; error: string };
export type Notification = {
  [M in keyof Notifications]: { method: M; data: Notifications[M] };
}[keyof Notifications];
