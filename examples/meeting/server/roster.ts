import { now } from '../clock.ts';
import type { NodePeers } from '../peers/NodePeers.ts';
import type { Notifications } from '../signaling/messages.ts';
import type { Room } from './Room.ts';

/** All clients, and the clients in Node that are gone, as the page gets them. */
export function rosterOf(room: Room, nodePeers: NodePeers): Notifications['roster'] {
  const peers = room.roster;

  return {
    at: now(),
    peers,
    absent: nodePeers.absent.filter(name => !peers.some(peer => peer.name === name)),
  };
}
