import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import type { ChangeView, PeerView, ProducerInfo } from '../signaling/messages.ts';
import { Peer } from './Peer.ts';
import type { PeerTransport } from './PeerTransport.ts';

/** How long a dead client stays in the room, in ms: it may return. Long enough to see what ICE consent says. */
const GRACE = 45_000;

type RoomEvents = {
  change: [ChangeView];
  newproducer: [ProducerInfo];
  producerclosed: [{ producerId: string }];
  left: [Peer];
  /** What disturbs a client changed. */
  disturbances: [];
};

/**
 * All clients. The heartbeat decides who is in the room, not the signalling: a client whose WebSocket breaks stays
 * while it is alive, and a dead client goes even if its WebSocket is open.
 */
export class Room extends EventEmitter<RoomEvents> {
  readonly #router: types.Router;
  readonly #grace: number;
  readonly #peers = new Map<string, Peer>();
  /** The timers that remove dead clients, by client id. */
  readonly #removals = new Map<string, NodeJS.Timeout>();

  constructor(router: types.Router, grace = GRACE) {
    super();
    this.#router = router;
    this.#grace = grace;
  }

  get rtpCapabilities(): types.RtpCapabilities {
    return this.#router.rtpCapabilities;
  }

  get roster(): PeerView[] {
    return this.peers.map(({ view }) => view);
  }

  /** All clients. */
  get peers(): Peer[] {
    return [...this.#peers.values()];
  }

  get producers(): ProducerInfo[] {
    return this.peers.flatMap(({ producers }) => producers);
  }

  peer(id: string): Peer | undefined {
    return this.#peers.get(id);
  }

  /** Lets a client join. It takes the place of a dead one with its name: it has returned. */
  join(name: string, node: boolean): Peer {
    const previous = this.peers.find(peer => peer.name === name && peer.isDead);
    const peer = new Peer(randomUUID(), name, node, this.#router, previous);

    if (previous !== undefined) {
      this.leave(previous);
    }

    this.#peers.set(peer.id, peer);
    peer.on('disturbances', () => this.emit('disturbances'));

    return peer;
  }

  /** Watches a new transport of a client. */
  watch(peer: Peer, { direction, heartbeat }: PeerTransport): void {
    heartbeat.on('statechange', ({ state, previous, reason, at }) => {
      this.emit('change', {
        peerId: peer.id,
        name: peer.name,
        direction,
        from: previous,
        to: state,
        reason,
        at,
      });

      this.#removeWhenDead(peer);
    });
  }

  /** Tells all clients about a new producer. */
  announce(peer: Peer, producer: types.Producer): void {
    this.emit('newproducer', { peerId: peer.id, producerId: producer.id, kind: producer.kind });
    producer.observer.on('close', () => this.emit('producerclosed', { producerId: producer.id }));
  }

  /** A client whose signalling broke stays, unless it has no heartbeat that could tell whether it is alive. */
  signalingLost(peer: Peer): void {
    if (!peer.isJudged) {
      this.leave(peer);
    }
  }

  leave(peer: Peer): void {
    if (this.#peers.delete(peer.id)) {
      this.#keep(peer);
      peer.close();
      this.emit('left', peer);
    }
  }

  /** The grace counts from the death. If the client returned, it counts anew from the next death. */
  #removeWhenDead(peer: Peer): void {
    if (!peer.isDead) {
      this.#keep(peer);
    } else if (!this.#removals.has(peer.id)) {
      this.#removals.set(peer.id, setTimeout(() => this.leave(peer), this.#grace).unref());
    }
  }

  #keep(peer: Peer): void {
    clearTimeout(this.#removals.get(peer.id));
    this.#removals.delete(peer.id);
  }

  close(): void {
    for (const peer of this.peers) {
      this.leave(peer);
    }
  }
}
