import type { types } from 'mediasoup';
import { expect, it, vi } from 'vitest';
import { now } from '../../examples/meeting/clock.ts';
import type { MeetingServer } from '../../examples/meeting/server/MeetingServer.ts';
import { Room } from '../../examples/meeting/server/Room.ts';
import { StoryPeer } from '../../examples/meeting/story/StoryPeer.ts';

it('the story times its faults by the heartbeat’s clock, even if the wall clock is set meanwhile', () => {
  const room = new Room({} as types.Router);
  // No client joins: only the story's own times matter.
  const nodePeers = { start: () => {}, signal: () => {} };
  const peer = new StoryPeer({ room, nodePeers } as unknown as MeetingServer, 'cut');
  const wallClock = vi.spyOn(Date, 'now').mockReturnValue(0);

  room.join('cut', true);

  for (const act of [() => peer.cut(true), () => peer.signal('stop')]) {
    const before = now();

    act();
    expect(peer.injectedAt).toBeGreaterThanOrEqual(before);
    expect(peer.injectedAt).toBeLessThanOrEqual(now());
  }

  wallClock.mockRestore();
});
