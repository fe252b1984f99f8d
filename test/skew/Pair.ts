import {
  type ClientHeartbeatOptions,
  enableHeartbeat,
  type TransportHeartbeat,
} from '@mediasoup-heartbeat/client';
import { attachHeartbeat, type Heartbeat, type HeartbeatOptions } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from '../harness/events.ts';
import { type CLIENTS, createDevice } from '../harness/peer.ts';
import { createTransport } from '../harness/server.ts';

/** What a pair is made of. */
export type Setup = {
  direction: 'send' | 'recv';
  /** Which mediasoup-client. Default `current`. */
  version?: keyof typeof CLIENTS;
  /** `attachHeartbeat()` of another build. */
  attach?: typeof attachHeartbeat;
  /** `enableHeartbeat()` of another build. */
  enable?: typeof enableHeartbeat;
  serverOptions?: HeartbeatOptions;
  clientOptions?: ClientHeartbeatOptions;
};

/** One transport with both halves, of builds and libraries that may differ, and a relay between them. It carries nothing else. */
export class Pair {
  readonly transport: server.WebRtcTransport;
  readonly peer: client.Transport;
  readonly relay: UdpRelay;
  readonly server: Heartbeat;
  readonly client: TransportHeartbeat;
  /** What the client half added to its `connect` event. */
  readonly acceptance: Promise<unknown>;
  /** What each half has said so far, as "state: reason". */
  readonly said = { server: [] as string[], client: [] as string[] };

  private constructor(
    transport: server.WebRtcTransport,
    peer: client.Transport,
    relay: UdpRelay,
    halves: { server: Heartbeat; client: TransportHeartbeat },
  ) {
    this.transport = transport;
    this.peer = peer;
    this.relay = relay;
    this.server = halves.server;
    this.client = halves.client;
    this.server.on('statechange', ({ state, reason }) => this.said.server.push(`${state}: ${reason}`));
    this.client.on('statechange', ({ state, reason }) => this.said.client.push(`${state}: ${reason}`));
    this.acceptance = new Promise(resolve => {
      peer.on('connect', (parameters, callback, errback) => {
        resolve((parameters.dtlsParameters as { heartbeat?: unknown }).heartbeat);
        transport.connect(overTheWire(parameters) as never).then(callback, errback);
      });
    });
    peer.on('producedata', ({ sctpStreamParameters }, callback, errback) => {
      transport
        .produceData({ sctpStreamParameters: overTheWire(sctpStreamParameters) as never })
        .then(callback, errback);
    });
  }

  /** Makes both ends and tells the client of the server. The client half connects by itself. */
  static async open(router: server.Router, setup: Setup): Promise<Pair> {
    const { direction, attach = attachHeartbeat, enable = enableHeartbeat } = setup;
    const transport = await createTransport(router);
    const heartbeat = await attach(transport, setup.serverOptions);
    const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0);
    const device = createDevice(setup.version);
    const heartbeats = enable(device, { connectIdleAfter: 0, ...setup.clientOptions });

    await device.load({ routerRtpCapabilities: router.rtpCapabilities as client.RtpCapabilities });

    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
    const options = overTheWire({
      id,
      iceParameters,
      iceCandidates: iceCandidates.map(candidate => ({ ...candidate, port: relay.port })),
      dtlsParameters,
      sctpParameters,
    }) as client.TransportOptions;
    const peer =
      direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);

    return new Pair(transport, peer, relay, {
      server: heartbeat as Heartbeat,
      client: heartbeats.transports.get(id) as TransportHeartbeat,
    });
  }

  /** Waits until both halves are in one of the states. */
  async both(...states: string[]): Promise<this> {
    await Promise.all([untilState(this.server, ...states), untilState(this.client, ...states)]);

    return this;
  }

  /** Waits until the server half has got so many more answers. */
  async answers(count: number): Promise<void> {
    const { received } = this.server.stats;

    await until(this.server, 'sample', () => this.server.stats.received >= received + count);
  }

  close(): void {
    this.peer.close();
    this.transport.close();
    this.relay.close();
  }
}

/** What arrives of an object at the other end of the signalling. */
function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
