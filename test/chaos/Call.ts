import { setTimeout as lasting } from 'node:timers/promises';
import type {
  ClientHeartbeatOptions,
  DeviceHeartbeat,
  TransportHeartbeat,
} from '@mediasoup-heartbeat/client';
import type { Heartbeat, HeartbeatOptions, Sample, StateChange } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { expect } from 'vitest';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { openRelayed, type RelayedOptions } from '../harness/relayed.ts';
import { expectReleased } from './leftovers.ts';

/** Options of a call. All may be left out. */
export type CallOptions = {
  server?: HeartbeatOptions;
  client?: ClientHeartbeatOptions;
  /** Of the client's transport. Default `recv`. */
  direction?: 'send' | 'recv';
  /** Which mediasoup-client, and which of its handlers. Default: the current one, and Chromium's. */
  version?: RelayedOptions['version'];
  handlerName?: RelayedOptions['handlerName'];
  /** Makes what the relay does to packets the same each time. Default 1. */
  seed?: number;
};

const open = new Set<Call>();

/** One transport of a real client, with both sides and a relay on its path. It carries only the heartbeat. */
export class Call {
  readonly transport: server.WebRtcTransport;
  readonly peer: client.Transport;
  relay: UdpRelay;
  /** The server side. */
  readonly server: Heartbeat;
  /** The client side. */
  readonly client: TransportHeartbeat;
  /** The changes of each side since both were alive, or since {@link forget}, as "state: reason". */
  readonly said = { server: [] as string[], client: [] as string[] };
  /** Everything that happened since the beginning, for the messages of failed tests. */
  readonly #log: string[] = [];
  readonly #beganAt = performance.now();
  readonly device: DeviceHeartbeat;

  private constructor(
    transport: server.WebRtcTransport,
    peer: client.Transport,
    relay: UdpRelay,
    heartbeat: Heartbeat,
    device: DeviceHeartbeat,
  ) {
    this.transport = transport;
    this.peer = peer;
    this.relay = relay;
    this.server = heartbeat;
    this.client = device.transports.get(peer.id) as TransportHeartbeat;
    this.device = device;
    open.add(this);
  }

  /** Ends the calls that a failed test has left. */
  static endAll(): void {
    for (const call of open) {
      call.#end();
    }
  }

  /** Begins a call, and returns when both sides are alive. */
  static async begin(router: server.Router, options: CallOptions = {}): Promise<Call> {
    const { server: serverOptions, client: clientOptions, seed, direction, version, handlerName } = options;
    const { transport, peer, relay, heartbeat, device } = await openRelayed(router, {
      // Tests cut many calls at the same moment, and ask what becomes of each.
      serverOptions: { localHealth: false, ...serverOptions },
      ...(clientOptions && { clientOptions }),
      ...(seed !== undefined && { seed }),
      ...(direction && { direction }),
      ...(version && { version }),
      ...(handlerName && { handlerName }),
    });

    peer.on('connect', (parameters, callback, errback) => {
      transport.connect(overTheWire(parameters)).then(callback, errback);
    });

    const call = new Call(transport, peer, relay, heartbeat, device);

    await Promise.all([untilState(call.server, 'alive'), untilState(call.client, 'alive')]);
    call.#listen();

    return call;
  }

  /** Expects these changes since both sides were alive, or since {@link forget}. */
  expectSaid(server: string[], client: string[]): void {
    expect(this.said, this.log).toEqual({ server, client });
  }

  /** Reports each RTT that either side measures from now on. */
  onsample(listener: (side: 'server' | 'client', sample: Sample) => void): void {
    this.server.on('sample', sample => listener('server', sample));
    this.client.on('sample', sample => listener('client', sample));
  }

  /** Forgets the changes so far. */
  forget(): void {
    this.said.server.length = 0;
    this.said.client.length = 0;
  }

  /** Waits until both sides are in one of the states. */
  async both(...states: string[]): Promise<void> {
    await Promise.all([untilState(this.server, ...states), untilState(this.client, ...states)]);
  }

  /** Everything that happened, for the message of a failed expectation. */
  get log(): string {
    return this.#log.join('\n');
  }

  /** Waits until the server has sent this many more pings, answered or not. */
  async pings(count: number): Promise<void> {
    const { sent } = this.server.stats;

    await until(this.server, 'sample', () => this.server.stats.sent >= sent + count);
  }

  /** Waits until earlier packets have arrived and both sides are alive on the path as it is now. */
  async settle(): Promise<void> {
    const { received } = this.server.stats;

    await until(this.server, 'sample', () => this.server.stats.received >= received + 20);
    await this.both('alive');
  }

  /** Restarts ICE on both sides, as an application does when its connection has failed. */
  async restartIce(): Promise<void> {
    this.#note('restarts ICE');
    await this.peer.restartIce({ iceParameters: overTheWire(await this.transport.restartIce()) });
  }

  /** Closes the relay and opens another one in its place, after a time. */
  async restartRelay(downFor: number): Promise<void> {
    const { port } = this.relay;

    this.relay.close();
    await lasting(downFor);
    this.relay = await UdpRelay.open(this.transport.iceCandidates[0]?.port ?? 0, 1, port);
  }

  #note(what: string): void {
    this.#log.push(`${((performance.now() - this.#beganAt) / 1000).toFixed(3)} ${what}`);
  }

  #listen(): void {
    const onChange =
      (side: 'server' | 'client') =>
      ({ state, reason }: StateChange) => {
        this.said[side].push(`${state}: ${reason}`);
        this.#note(`${side} side: ${state} (${reason})`);
      };

    this.client.on('recovering', ({ cause, attempt }) =>
      this.#note(`client side: restart ${attempt} (${cause})`),
    );
    this.client.on('recovered', recovered =>
      this.#note(`client side: recovered ${JSON.stringify(recovered)}`),
    );
    this.server.on('statechange', onChange('server'));
    this.client.on('statechange', onChange('client'));

    this.peer.on('connectionstatechange', state => this.#note(`connection of the client: ${state}`));
    this.transport.on('icestatechange', state => this.#note(`ICE of the server: ${state}`));
    this.transport.on('sctpstatechange', state => this.#note(`SCTP of the server: ${state}`));
    this.transport.on('iceselectedtuplechange', ({ remotePort }) =>
      this.#note(`port of the client: ${remotePort}`),
    );
  }

  /** Ends the call on both sides, and expects that nothing of the heartbeat is left. */
  end(): void {
    this.#end();
    expectReleased(this);
  }

  #end(): void {
    open.delete(this);
    this.peer.close();
    this.transport.close();
    this.relay.close();
    this.device.close();
  }
}
