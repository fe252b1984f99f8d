import type { TransportHeartbeat } from '@mediasoup-heartbeat/client';
import type { Heartbeat } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import type { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { openRelayed, type RelayedOptions } from '../harness/relayed.ts';

/** Options of a pair. */
export type Setup = RelayedOptions & { direction: 'send' | 'recv' };

/** One transport with both sides, of builds and libraries that may differ, and a relay. It carries only the heartbeat. */
export class Pair {
  readonly transport: server.WebRtcTransport;
  readonly peer: client.Transport;
  readonly relay: UdpRelay;
  readonly server: Heartbeat;
  readonly client: TransportHeartbeat;
  /** What the client's heartbeat added to the `connect` event. */
  readonly acceptance: Promise<unknown>;
  /** The changes of each side so far, as "state: reason". */
  readonly said = { server: [] as string[], client: [] as string[] };

  private constructor(
    transport: server.WebRtcTransport,
    peer: client.Transport,
    relay: UdpRelay,
    sides: { server: Heartbeat; client: TransportHeartbeat },
  ) {
    this.transport = transport;
    this.peer = peer;
    this.relay = relay;
    this.server = sides.server;
    this.client = sides.client;
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

  /** Creates both sides and passes the server's parameters to the client, which connects by itself. */
  static async open(router: server.Router, setup: Setup): Promise<Pair> {
    const { transport, peer, relay, heartbeat, device } = await openRelayed(router, setup);

    return new Pair(transport, peer, relay, {
      server: heartbeat,
      client: device.transports.get(peer.id) as TransportHeartbeat,
    });
  }

  /** Waits until both sides are in one of the states. */
  async both(...states: string[]): Promise<this> {
    await Promise.all([untilState(this.server, ...states), untilState(this.client, ...states)]);

    return this;
  }

  /** Waits until the server has got this many more answers. */
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
