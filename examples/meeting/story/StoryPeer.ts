import { EventEmitter } from 'node:events';
import { now } from '../clock.ts';
import type { MeetingServer } from '../server/MeetingServer.ts';
import type { Peer } from '../server/Peer.ts';
import type { ChangeView } from '../signaling/messages.ts';

/** A client of the story, and all its state changes. */
export class StoryPeer extends EventEmitter<{ change: [ChangeView] }> {
  readonly name: string;
  readonly changes: ChangeView[] = [];
  /** When the story last caused a fault for it, in ms since the epoch. `undefined`: not yet. */
  injectedAt: number | undefined;
  readonly #server: MeetingServer;

  constructor(server: MeetingServer, name: string) {
    super();
    this.#server = server;
    this.name = name;
    server.room.on('change', change => {
      if (change.name === name) {
        this.changes.push(change);
        this.emit('change', change);
      }
    });
    server.nodePeers.start(name);
  }

  /** Cuts its network, or restores it. */
  cut(blackout: boolean): void {
    this.injectedAt = now();
    this.#peer.impair({ uplink: { blackout }, downlink: { blackout } });
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

    if (isThere()) {
      return;
    }

    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (isThere()) {
          clearTimeout(timer);
          this.off('change', look);
          resolve();
        }
      };
      const timer = setTimeout(() => {
        this.off('change', look);
        reject(new Error(`not ${state} within ${within / 1000} s, but ${this.#state}`));
      }, within);

      this.on('change', look);
    });
  }

  get #state(): string {
    return ['send', 'recv']
      .map(direction => `${direction} ${this.lastOf(direction)?.to} (${this.lastOf(direction)?.reason})`)
      .join(', ');
  }

  get #peer(): Peer {
    const view = this.#server.room.roster.find(({ name }) => name === this.name);
    const peer = view && this.#server.room.peer(view.id);

    if (peer === undefined) {
      throw new Error(`${this.name} is not in the room`);
    }

    return peer;
  }
}
