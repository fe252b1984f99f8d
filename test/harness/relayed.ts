import {
  type ClientHeartbeatOptions,
  type DeviceHeartbeat,
  enableHeartbeat,
} from '@mediasoup-heartbeat/client';
import { attachHeartbeat, type Heartbeat, type HeartbeatOptions } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { overTheWire } from './overTheWire.ts';
import { type CLIENTS, createDevice } from './peer.ts';
import { createTransport } from './server.ts';

/** Options of a transport with both sides. All may be left out. */
export type RelayedOptions = {
  /** Of the client's transport. Default `recv`. */
  direction?: 'send' | 'recv';
  /** Which mediasoup-client. Default `current`. */
  version?: keyof typeof CLIENTS;
  /** Which of its handlers. Default: Chromium's. */
  handlerName?: client.BuiltinHandlerName;
  /** `attachHeartbeat()` of another build. */
  attach?: typeof attachHeartbeat;
  /** `enableHeartbeat()` of another build. */
  enable?: typeof enableHeartbeat;
  serverOptions?: HeartbeatOptions;
  clientOptions?: ClientHeartbeatOptions;
  /** Makes what the relay does to packets the same each time. Default 1. */
  seed?: number;
};

/** One transport with both sides, and a relay on its path. It has no `connect` listener yet. */
export type Relayed = {
  transport: server.WebRtcTransport;
  peer: client.Transport;
  relay: UdpRelay;
  heartbeat: Heartbeat;
  device: DeviceHeartbeat;
};

/** Creates both sides and passes the server's parameters to the client, which connects by itself. */
export async function openRelayed(
  router: server.Router,
  { direction = 'recv', attach = attachHeartbeat, enable = enableHeartbeat, ...options }: RelayedOptions = {},
): Promise<Relayed> {
  const transport = await createTransport(router);
  const heartbeat = (await attach(transport, options.serverOptions)) as Heartbeat;
  const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0, options.seed);
  const device = createDevice(options.version, options.handlerName);
  const heartbeats = enable(device, { connectIdleAfter: 0, ...options.clientOptions });

  await device.load({ routerRtpCapabilities: router.rtpCapabilities as client.RtpCapabilities });

  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
  const parameters = overTheWire({
    id,
    iceParameters,
    iceCandidates: iceCandidates.map(candidate => ({ ...candidate, port: relay.port })),
    dtlsParameters,
    sctpParameters,
  }) as client.TransportOptions;
  const peer =
    direction === 'send' ? device.createSendTransport(parameters) : device.createRecvTransport(parameters);

  return { transport, peer, relay, heartbeat, device: heartbeats };
}
