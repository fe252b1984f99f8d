import type { PipeTransport, PlainTransport, WebRtcTransport } from 'mediasoup/types';
import type { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';

/** The transports that can carry a heartbeat: those with SCTP. */
export type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;

/** The observer of a transport of any type. The three types have observers of their own, with events in common. */
// biome-ignore lint/suspicious/noExplicitAny: the listeners of any of these events
export function observerOf({ observer }: HeartbeatTransport): EnhancedEventEmitter<Record<string, any[]>> {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  return observer as unknown as EnhancedEventEmitter<Record<string, any[]>>;
}

/** Whether the transport is connected, by a client that may know nothing of the heartbeat. */
export function isConnected(transport: HeartbeatTransport): boolean {
  return transport.type === 'webrtc' ? transport.dtlsState !== 'new' : transport.sctpState === 'connected';
}
