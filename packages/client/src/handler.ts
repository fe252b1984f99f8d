import type { types } from 'mediasoup-client';

// The only file that reaches for `transport.handler`: a public getter in mediasoup-client 3.7.0 to 3.24.1. The heartbeat hooks
// into it and not into the transport, whose events and listeners are the application's.

// biome-ignore lint/suspicious/noExplicitAny: the signatures differ between the versions of mediasoup-client
type HandlerMethod = (...args: any[]) => any;

export type ConnectListener = (
  event: { dtlsParameters: object },
  callback: () => void,
  errback: (error: Error) => void,
) => void;

/** The handler's methods that send or receive something, and connect the transport for that. */
export const OPERATIONS = ['send', 'receive', 'sendDataChannel', 'receiveDataChannel'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** What is used of a handler: public, and the same in all versions and for all browsers. */
export type Handler = {
  [_ in Operation | 'stopSending' | 'restartIce' | 'updateIceServers' | 'close']: HandlerMethod;
} & {
  readonly name: string;
  listeners(event: '@connect'): ConnectListener[];
  on(event: string, listener: HandlerMethod): unknown;
  off(event: string, listener: HandlerMethod): unknown;
};

export function handlerOf(transport: types.Transport): Handler {
  return transport.handler as unknown as Handler;
}
