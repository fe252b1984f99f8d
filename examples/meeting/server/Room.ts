import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import type { ChangeView, PeerView, ProducerInfo } from '../signaling/messages.ts';
import { Peer } from './Peer.ts';
import type { PeerTransport } from './PeerTransport.ts';

/** How long a dead client stays in the room, in ms: it may return. */
const GRACE = 10_000;

type RoomEvents = {
  change: [ChangeView];
  newproducer: [ProducerInfo];
  producerclosed: [{ producerId: string }];
  left: [Peer];
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
    return [...this.#peers.values()].map(({ view }) => view);
  }

  get producers(): ProducerInfo[] {
    return [...this.#peers.values()].flatMap(({ producers }) => producers);
  }

  peer(id: string): Peer | undefined {
    return this.#peers.get(id);
  }

  join(name: string, node: boolean): Peer {
    const peer = new Peer(randomUUID(), name, node, this.#router);

    this.#peers.set(peer.id, peer);

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
    for (const peer of [...this.#peers.values()]) {
      this.leave(peer);
    }
  }
}
