import type { Chapter } from './chapters.ts';
import type { StoryPeer } from './StoryPeer.ts';

/** How long a recovery may take before the story fails, in ms. A limit, not a measurement. */
const PATIENCE = 30_000;

/** So many RTP packets each way prove that media flows: a second of audio. */
const PACKETS = 50;

/** Three clients change their network at the same time. */
export const RECOVERY_CHAPTERS: readonly Chapter[] = [
  {
    peer: 'walks',
    title: 'that changes its network keeps its call',
    play: async peer => {
      peer.leaveNetwork();
      await keepsItsCall(peer);
    },
  },
  {
    peer: 'walks-twice',
    title: 'that changes its network twice keeps its call',
    play: async peer => {
      peer.leaveNetwork();
      await keepsItsCall(peer);
      peer.leaveNetwork();
      await keepsItsCall(peer);
    },
  },
  {
    peer: 'unsignalled',
    title: 'that changes its network while its signalling is cut for good keeps its call',
    play: async peer => {
      peer.cutSignaling();
      peer.leaveNetwork();
      await keepsItsCall(peer);
    },
  },
];

/** Waits until both transports have recovered and audio flows both ways. Throws if one of them was closed meanwhile. */
async function keepsItsCall(peer: StoryPeer): Promise<void> {
  await peer.recovered(PATIENCE);
  await peer.packets(PACKETS, PATIENCE);

  // On a busy machine one may be dead for a moment. Its call goes on all the same.
  const closed = peer.changes.find(({ to }) => to === 'closed');

  if (closed !== undefined) {
    throw new Error(`the ${closed.direction} transport was closed (${closed.reason})`);
  }
}
