import {
  before,
  type Descriptor,
  override,
  overrideProperty,
  type Undo,
} from '@mediasoup-heartbeat/protocol';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';

/** What the transports with a descriptor return as their SCTP parameters. */
const advertisements = new WeakMap<HeartbeatTransport, () => unknown>();

/** One getter for all transports: V8 would give each object a hidden class of its own that has a getter of its own. */
const getAdvertised: PropertyDescriptor = {
  get(this: HeartbeatTransport) {
    return advertisements.get(this)?.();
  },
};

/**
 * Adds the descriptor to `transport.sctpParameters`, which every application sends to its client. The getter is overridden on this
 * one transport. It returns a copy, as mediasoup's own does since 3.20.1.
 *
 * @param read - Called each time it is read.
 */
export function advertise(transport: HeartbeatTransport, descriptor: Descriptor, read: () => void): Undo {
  const { sctpParameters } = transport;

  advertisements.set(transport, () => {
    read();

    return { ...sctpParameters, heartbeat: { ...descriptor } };
  });

  return overrideProperty(transport, 'sctpParameters', getAdvertised);
}

/** Calls back with what the client added to its DTLS parameters, once `transport.connect()` has succeeded. */
export function onConnect(transport: HeartbeatTransport, connected: (acceptance: unknown) => void): Undo {
  // biome-ignore lint/suspicious/noExplicitAny: connect() takes other parameters for each type of transport
  const target = transport as { connect(params: any): Promise<void> };
  const { connect } = target;

  return override(target, 'connect', async params => {
    await connect.call(target, params);
    connected(params?.dtlsParameters?.heartbeat);
  });
}

/** Calls back when an ICE restart begins: the path will be down for a while, and nobody has died. */
export function onRestartIce(transport: HeartbeatTransport, restarting: () => void): Undo {
  return transport.type === 'webrtc' ? before(transport, 'restartIce', restarting) : () => {};
}
