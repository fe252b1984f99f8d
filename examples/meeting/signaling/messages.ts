import type { Reason, State } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import type { Impairment } from '../relay/Impairment.ts';

// The messages between the page, the clients in Node and the server, as JSON over one WebSocket: requests with an id
// and a response, and notifications. Types only: the page imports this file, too.

export type Direction = 'send' | 'recv';

/** How a transport's path is impaired, in both directions, as the client sees them. */
export type Chaos = { uplink: Partial<Impairment>; downlink: Partial<Impairment> };

/** What can be done to the process of a client in Node. */
export type ProcessSignal = 'kill' | 'stop' | 'continue' | 'leave';

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
  resumeConsumer: { data: { consumerId: string }; answer: Record<string, never> };
  /** Impairs the path of one transport of a client, or of both. Other settings stay as they are. */
  chaos: { data: { peerId: string; direction?: Direction; chaos: Chaos }; answer: Record<string, never> };
  /** Stops, continues or kills the process of a client in Node. */
  signal: { data: { peerId: string; signal: ProcessSignal }; answer: Record<string, never> };
};

/** Notifications of the server by method. */
export type Notifications = {
  /** All clients, as the server sees them. Twice a second, and at every change. */
  roster: { peers: PeerView[] };
  /** A state changed. */
  change: ChangeView;
  newProducer: ProducerInfo;
  producerClosed: { producerId: string };
};

export type ProducerInfo = { peerId: string; producerId: string; kind: types.MediaKind };

/** A client as the server sees it. */
export type PeerView = {
  id: string;
  name: string;
  /** Whether it runs in Node, and its process can be stopped and killed. */
  node: boolean;
  transports: TransportView[];
};

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
  /** RTT of the latest pings, oldest first, at most 60. `null` is a ping without an answer. */
  rttHistory: (number | null)[];
  /** Fractions. */
  loss: { downlink: number | null; uplink: number | null };
  silentFor: number;
  suspicion: number;
  hidden: boolean;
  chaos: { uplink: Impairment; downlink: Impairment };
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
