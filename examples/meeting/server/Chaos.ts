import type { NodePeers } from '../peers/NodePeers.ts';
import type { BadLink, BadNetwork, DisturbanceName, ProcessSignal } from '../signaling/messages.ts';
import { readSeconds } from './Disturbances.ts';
import type { Peer } from './Peer.ts';
import type { Room } from './Room.ts';

/** Disturbs clients: their networks, their processes, and what they send. */
export class Chaos {
  readonly #room: Room;
  readonly #nodePeers: NodePeers;

  constructor(room: Room, nodePeers: NodePeers) {
    this.#room = room;
    this.#nodePeers = nodePeers;
  }

  /**
   * Disturbs a client for some seconds, at most 60.
   *
   * @throws Error if there is no such client, no such disturbance, or it needs a client in Node.
   */
  disturb(peerId: string, name: DisturbanceName, seconds: unknown, network?: BadNetwork): void {
    const peer = this.#peer(peerId);
    const duration = readSeconds(seconds);
    const undo = this.#begin(peer, name, network);

    // A slider that moves asks many times.
    if (name !== 'bad-network' || peer.disturbances.view[name] === undefined) {
      peer.history.mark(name, duration * 1000);
    }

    peer.disturbances.begin(name, duration, undo);
  }

  /** Ends all disturbances of a client. */
  restore(peerId: string): void {
    const peer = this.#peer(peerId);

    if (Object.keys(peer.disturbances.view).length > 0) {
      peer.disturbances.endAll();
      peer.history.mark('restored');
    }
  }

  /** Lets the process of a client close its page, or kills it. */
  end(peerId: string, signal: ProcessSignal): void {
    const peer = this.#peer(peerId);

    this.#nodePeers.signal(peerId, signal);
    peer.history.mark(signal);
  }

  /**
   * Starts a client in Node again. If its process hangs, that is killed.
   *
   * @throws Error if the client is not dead, or no client in Node has this name.
   */
  bringBack(name: string): void {
    if (this.#room.peers.some(peer => peer.name === name && !peer.isDead)) {
      throw new Error(`${name} is still in the room.`);
    }

    this.#nodePeers.restart(name);
  }

  #begin(peer: Peer, name: DisturbanceName, network: BadNetwork = {}): () => void {
    switch (name) {
      case 'cut':
        peer.impair({ uplink: { blackout: true }, downlink: { blackout: true } });

        return () => peer.impair({ uplink: { blackout: false }, downlink: { blackout: false } });
      case 'bad-network':
        peer.impair({ uplink: readLink(network.uplink), downlink: readLink(network.downlink) });

        return () => peer.impair({ uplink: readLink(), downlink: readLink() });
      case 'walk':
        peer.leaveNetwork();

        return () => peer.returnToNetwork();
      case 'mute':
        if (!peer.node) {
          throw new Error('Only clients in Node can be muted by others.');
        }

        peer.emit('mute', true);

        return () => peer.emit('mute', false);
      case 'freeze':
        this.#nodePeers.signal(peer.id, 'stop');

        return () => this.#nodePeers.wake(peer.id);
      default:
        throw new Error(`Unknown disturbance ${name}.`);
    }
  }

  #peer(id: string): Peer {
    const peer = this.#room.peer(id);

    if (peer === undefined) {
      throw new Error('This client is no longer in the room.');
    }

    return peer;
  }
}

/** The impairment of one direction, without anything that would last longer than the disturbance. */
function readLink({ delay = 0, jitter = 0, loss = 0 }: BadLink = {}): Required<BadLink> {
  return { delay: Number(delay), jitter: Number(jitter), loss: Number(loss) };
}
