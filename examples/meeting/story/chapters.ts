import type { StoryPeer } from './StoryPeer.ts';

/** How long a verdict may take before the story calls it missing, in ms. A bound, not a measure. */
const PATIENCE = 30_000;

/** How long the network of the lucky one is cut at least, in ms. */
const SHORT_CUT = 3000;

/** Within which time of its goodbye a peer has to be dead, in ms. */
const GOODBYE_WITHIN = 1000;

/** A chapter: who it is about, what happens to it, and what has to be said of it. Throws what was not. */
export type Chapter = {
  peer: string;
  title: string;
  play(peer: StoryPeer): Promise<void>;
};

/** What happens one after the other to each peer, all of it at the same time. */
export const CHAPTERS: readonly Chapter[] = [
  {
    peer: 'cut',
    title: 'whose network is cut becomes suspect, then dead',
    play: async peer => {
      peer.cut(true);
      await peer.both('dead', PATIENCE);
      expectStates(peer, ['alive', 'suspect', 'dead']);
      expectReason(peer, 'missed-pings');
    },
  },
  {
    peer: 'closes',
    title: 'that closes its page says goodbye and is dead within a second',
    play: async peer => {
      peer.signal('leave');
      await peer.both('dead', PATIENCE);
      expectReason(peer, 'goodbye');

      for (const direction of ['send', 'recv']) {
        const detectedAfter = (peer.lastOf(direction)?.at ?? 0) - (peer.injectedAt ?? 0);

        if (detectedAfter > GOODBYE_WITHIN) {
          throw new Error(
            `${direction} dead after ${Math.round(detectedAfter)} ms, wanted ${GOODBYE_WITHIN} ms`,
          );
        }
      }
    },
  },
  {
    peer: 'flickers',
    title: 'that is cut for a few seconds becomes suspect and alive again without ever being dead',
    play: async peer => {
      peer.cut(true);
      await Promise.all([
        peer.both('suspect', PATIENCE),
        new Promise(resolve => setTimeout(resolve, SHORT_CUT)),
      ]);
      peer.cut(false);
      await peer.both('alive', PATIENCE);
      expectStates(peer, ['alive', 'suspect', 'alive']);
    },
  },
  {
    peer: 'stops',
    title: 'whose process is stopped becomes dead',
    play: async peer => {
      peer.signal('stop');
      await peer.both('dead', PATIENCE);
      expectStates(peer, ['alive', 'suspect', 'dead']);
    },
  },
];

/** The peer that nothing happens to, and that never sends RTP. */
export const HEALTHY = { peer: 'healthy', title: 'that never sends RTP stays alive throughout' };

/** Throws unless both transports of the peer went through just these states. */
export function expectStates(peer: StoryPeer, expected: readonly string[]): void {
  for (const direction of ['send', 'recv']) {
    const states = peer.statesOf(direction);

    if (states.join() !== expected.join()) {
      throw new Error(`${direction} went ${states.join(' → ')}, wanted ${expected.join(' → ')}`);
    }
  }
}

function expectReason(peer: StoryPeer, expected: string): void {
  for (const direction of ['send', 'recv']) {
    const reason = peer.lastOf(direction)?.reason;

    if (reason !== expected) {
      throw new Error(`${direction} for ${reason}, wanted ${expected}`);
    }
  }
}
