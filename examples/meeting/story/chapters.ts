import type { StoryPeer } from './StoryPeer.ts';

/** How long a state change may take before the story fails, in ms. A limit, not a measurement. */
const PATIENCE = 30_000;

/** The least time for which the network of the client that survives is cut, in ms. */
const SHORT_CUT = 3000;

/** A client must be dead this soon after its goodbye, in ms. */
const GOODBYE_WITHIN = 1000;

/** A chapter: its client, the fault, and the expected states. Throws if they differ. */
export type Chapter = {
  peer: string;
  title: string;
  play(peer: StoryPeer): Promise<void>;
};

/** The chapters of each client, one after another. The clients' chapters run at the same time. */
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

/** The client without a fault, which never sends RTP. */
export const HEALTHY = { peer: 'healthy', title: 'that never sends RTP stays alive throughout' };

/** Throws unless both transports of the client went through exactly these states. */
export function expectStates(peer: StoryPeer, expected: readonly string[]): void {
  for (const direction of ['send', 'recv']) {
    const states = peer.statesOf(direction);

    if (states.join() !== expected.join()) {
      throw new Error(`${direction} transport: ${states.join(' → ')}, expected ${expected.join(' → ')}`);
    }
  }
}

function expectReason(peer: StoryPeer, expected: string): void {
  for (const direction of ['send', 'recv']) {
    const reason = peer.lastOf(direction)?.reason;

    if (reason !== expected) {
      throw new Error(`${direction} transport: reason ${reason}, expected ${expected}`);
    }
  }
}
