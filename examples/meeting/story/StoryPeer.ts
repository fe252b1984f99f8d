import { EventEmitter } from 'node:events';
import { setTimeout as lasting } from 'node:timers/promises';
import type { Recovered } from '@mediasoup-heartbeat/client';
import type { Heartbeat } from '@mediasoup-heartbeat/server';
import type { StreamState } from '@mediasoup-heartbeat/server/media';
import type { types } from 'mediasoup';
import { now } from '../clock.ts';
import type { MeetingServer } from '../server/MeetingServer.ts';
import type { Peer } from '../server/Peer.ts';
import type { PeerTransport } from '../server/PeerTransport.ts';
import type { ChangeView, Direction } from '../signaling/messages.ts';
import { waitForEvent } from './waitForEvent.ts';

/** How often a client is asked what it has received, in ms. */
const COUNT_EVERY = 100;

/** A transport has recovered. */
export type Recovery = { direction: Direction } & Recovered;

type StoryPeerEvents = {
  change: [ChangeView];
  recovered: [Recovery];
  /** What the client says that its audio does. */
  media: [StreamState];
};

/** A client of the story, and all its state changes. */
export class StoryPeer extends EventEmitter<StoryPeerEvents> {
  readonly name: string;
  readonly changes: ChangeView[] = [];
  /** When the story last caused a fault for it, in ms since the epoch. `undefined`: not yet. */
  injectedAt: number | undefined;
  readonly #server: MeetingServer;

  /** How many RTP packets it has received, by its own account. */
  #received = 0;
  #isListening = false;
  #media: StreamState | undefined;
  /** The transports that have not recovered since it left its network last. */
  readonly #recovering = new Set<Direction>();

  constructor(server: MeetingServer, name: string, { media = false } = {}) {
    super();
    this.#server = server;
    this.name = name;
    server.room.on('change', change => {
      if (change.name === name) {
        this.changes.push(change);
        this.emit('change', change);
      }
    });
    server.nodePeers.start(name, { media });
  }

  /** Cuts its network, or restores it. */
  cut(blackout: boolean): void {
    this.injectedAt = now();
    this.#peer.impair({ uplink: { blackout }, downlink: { blackout } });
  }

  /** Takes it out of its network: only an ICE restart brings it back. */
  leaveNetwork(): void {
    for (const { direction } of this.#peer.transports) {
      this.#recovering.add(direction);
    }

    this.#listen();
    this.injectedAt = now();
    this.#peer.leaveNetwork();
  }

  /** Cuts one of its two paths, or restores it. */
  cutPath(direction: Direction, blackout: boolean): void {
    this.injectedAt = now();
    this.#transport(direction).impair({ uplink: { blackout }, downlink: { blackout } });
  }

  /** Loses packets of what it sends or receives: a share of 0–1. */
  lose(direction: 'uplink' | 'downlink', loss: number): void {
    this.injectedAt = now();
    this.#peer.impair({ uplink: {}, downlink: {}, [direction]: { loss } });
  }

  /** Loses all of its RTP and RTCP, and nothing else. */
  blockMedia(blocksMedia: boolean): void {
    this.injectedAt = now();
    this.#peer.impair({ uplink: { blocksMedia }, downlink: { blocksMedia } });
  }

  /** Its microphone gives no sound any more, and nobody is told. */
  muteSource(): void {
    this.injectedAt = now();
    this.#server.nodePeers.ask(this.#peer.id, 'muteSource');
  }

  /** What it says that its audio does. `undefined`: it has not said yet. */
  get media(): StreamState | undefined {
    this.#listen();

    return this.#media;
  }

  /** Its transports on the server. */
  get transports(): PeerTransport[] {
    return this.#peer.transports;
  }

  /** The heartbeat of one of its transports. */
  heartbeat(direction: Direction): Heartbeat {
    return this.#transport(direction).heartbeat;
  }

  /** The audio that it sends. */
  get producer(): types.Producer {
    return first(this.#peer.serverProducers, `${this.name} sends nothing`);
  }

  /** What it receives of another client. Waits until it does, and rejects after `within` ms. */
  async consumerOf(name: string, within: number): Promise<types.Consumer> {
    const end = now() + within;

    for (;;) {
      const sent = peerNamed(this.#server, name).serverProducers.map(({ id }) => id);
      const consumer = this.#peer.consumers.find(({ producerId }) => sent.includes(producerId));

      if (consumer !== undefined) {
        return consumer;
      } else if (now() > end) {
        throw new Error(`${this.name} receives nothing of ${name} within ${within / 1000} s`);
      }

      await lasting(COUNT_EVERY);
    }
  }

  /** Its states, for an error. */
  get told(): string {
    return this.#state;
  }

  /** Ends its signalling for good. */
  cutSignaling(): void {
    this.#server.cutSignaling(this.#peer.id);
  }

  /** Lets its process close its page, or stops it. */
  signal(signal: 'leave' | 'stop'): void {
    this.injectedAt = now();
    this.#server.nodePeers.signal(this.#peer.id, signal);
  }

  /** The states of a transport since it was first alive. A change of the reason only does not count. */
  statesOf(direction: string): string[] {
    return this.changes
      .filter(change => change.direction === direction && change.from !== change.to)
      .map(({ to }) => to);
  }

  /** The last change of a transport. */
  lastOf(direction: string): ChangeView | undefined {
    return this.changes.findLast(change => change.direction === direction);
  }

  /** Waits until both transports have recovered. Rejects after `within` ms. */
  async recovered(within: number): Promise<void> {
    const end = now() + within;

    while (this.#recovering.size > 0) {
      if (now() > end) {
        throw new Error(
          `${[...this.#recovering].join(' and ')} not recovered within ${within / 1000} s, but ${this.#state}`,
        );
      }

      await lasting(COUNT_EVERY);
    }
  }

  /** Waits until this many RTP packets have come through each way. Rejects after `within` ms. */
  async packets(count: number, within: number): Promise<void> {
    const end = now() + within;
    const before = await this.#count();

    for (;;) {
      const { up, down } = await this.#count();

      if (up - before.up >= count && down - before.down >= count) {
        return;
      }

      if (now() > end) {
        throw new Error(
          `${up - before.up} RTP packets up and ${down - before.down} down in ${within / 1000} s, wanted ${count} each`,
        );
      }

      await lasting(COUNT_EVERY);
    }
  }

  /** Waits until both transports have this many RTT samples. After one sample the detector still waits longer. */
  async known(samples: number): Promise<void> {
    await Promise.all(
      this.#peer.transports.map(
        ({ heartbeat }) =>
          new Promise<void>(resolve => {
            const look = () => {
              if (heartbeat.stats.received >= samples) {
                heartbeat.off('sample', look);
                resolve();
              }
            };

            heartbeat.on('sample', look);
            look();
          }),
      ),
    );
  }

  /** Waits until both transports are in the state. Rejects after `within` ms. */
  async both(state: string, within: number): Promise<void> {
    const isThere = () => ['send', 'recv'].every(direction => this.lastOf(direction)?.to === state);

    await waitForEvent(this, 'change', isThere, {
      within,
      otherwise: () => `not ${state} within ${within / 1000} s, but ${this.#state}`,
    });
  }

  async #count(): Promise<{ up: number; down: number }> {
    const { id } = this.#peer;

    this.#listen();
    this.#server.nodePeers.ask(id, 'packets');

    return { up: await this.#peer.countPacketsSent(), down: this.#received };
  }

  /** Hears what the client reports of itself. */
  #listen(): void {
    if (this.#isListening) {
      return;
    }

    this.#isListening = true;
    this.#server.nodePeers.listen(this.#peer.id, report => {
      if ('packets' in report) {
        this.#received = report.packets;
      } else if ('media' in report) {
        this.#media = report.media;
        this.emit('media', report.media);
      } else {
        this.#recovering.delete(report.direction);
        this.emit('recovered', { direction: report.direction, ...report.recovered });
      }
    });
  }

  #transport(direction: Direction): PeerTransport {
    return first(
      this.transports.filter(transport => transport.direction === direction),
      `${this.name} has no ${direction} transport`,
    );
  }

  get #state(): string {
    return ['send', 'recv']
      .map(direction => `${direction} ${this.lastOf(direction)?.to} (${this.lastOf(direction)?.reason})`)
      .join(', ');
  }

  get #peer(): Peer {
    return peerNamed(this.#server, this.name);
  }
}

function peerNamed({ room }: MeetingServer, name: string): Peer {
  const view = room.roster.find(peer => peer.name === name);
  const peer = view && room.peer(view.id);

  if (peer === undefined) {
    throw new Error(`${name} is not in the room`);
  }

  return peer;
}

function first<T>([one]: readonly T[], otherwise: string): T {
  if (one === undefined) {
    throw new Error(otherwise);
  }

  return one;
}
