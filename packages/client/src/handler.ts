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

/** What a local restart uses of a handler: private, but the same in all versions and for all browsers. */
export type Internals = {
  readonly connection: RTCPeerConnection;
  /** What the server is taken to have said. */
  readonly remoteSdp: { getSdp(): string };
  /** The server's parameters in use. */
  readonly iceParameters: types.IceParameters;
};

/** The handler's internals as of now. `undefined`: this handler has others, so its transport cannot restart ICE by itself. */
export function internalsOf({ handler }: types.Transport): Internals | undefined {
  const { _pc: connection, _remoteSdp: remoteSdp } = handler as unknown as {
    _pc?: RTCPeerConnection;
    _remoteSdp?: Internals['remoteSdp'] & { _iceParameters?: types.IceParameters };
  };
  const iceParameters = remoteSdp?._iceParameters;

  return typeof connection?.createOffer === 'function' &&
    typeof remoteSdp?.getSdp === 'function' &&
    typeof iceParameters?.usernameFragment === 'string'
    ? { connection, remoteSdp, iceParameters }
    : undefined;
}
