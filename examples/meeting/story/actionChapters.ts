import { createHeartbeatGroup, type HeartbeatGroup } from '@mediasoup-heartbeat/server';
import { watchCircuit } from '@mediasoup-heartbeat/server/breaker';
import { type MediaFlowWatch, watchMediaFlow } from '@mediasoup-heartbeat/server/media';
import type { Chapter } from './chapters.ts';
import type { StoryPeer } from './StoryPeer.ts';
import { waitForEvent } from './waitForEvent.ts';

/** How long something may take before the story fails, in ms. A limit, not a measurement. */
const PATIENCE = 60_000;

/** The grace of the client that does not come back, and of the one that does, in ms. */
const SHORT_GRACE = 1000;
const LONG_GRACE = 600_000;

/** How often the breaker reads, in ms: a little above the time between two receiver reports. */
const REPORT_INTERVAL = 2000;

/** The client to which nothing happens. */
const SPEAKER = 'speaks';

/** So many RTP packets each way prove that the call is up. */
const PACKETS = 10;

/** What an application does with verdicts, each with a client of its own, at the same time. */
export const ACTION_CHAPTERS: readonly Chapter[] = [
  {
    peer: SPEAKER,
    title: 'that speaks all the time has media that flows',
    play: async peer => {
      await reaches(await watchMedia(peer), 'flowing', peer);
      expectNever(peer, 'dead');
    },
  },
  {
    peer: 'muted',
    title: 'whose microphone sends nothing raises no alarm: it is alive, and its media is silent',
    play: async peer => {
      const watch = await watchMedia(peer);
      const states: string[] = [];

      await reaches(watch, 'flowing', peer);
      watch.on('change', ({ state }) => states.push(state));
      peer.muteSource();
      await reaches(watch, 'silent', peer);
      expectOnly(states, 'silent', 'suspect', 'flowing');
      await peer.both('alive', PATIENCE);
      expectNever(peer, 'dead');
    },
  },
  {
    peer: 'returns',
    title: 'that comes back within its grace is kept',
    play: async peer => {
      const group = participant(peer, LONG_GRACE);
      let cleanups = 0;

      group.on('cleanup', () => cleanups++);
      peer.cut(true);
      await event(group, 'dead', () => group.state === 'dead', peer);
      peer.cut(false);
      await event(group, 'alive', () => group.state === 'alive', peer);
      expectThat(
        cleanups === 0 && peer.transports.every(({ transport }) => !transport.closed),
        'it was closed',
      );
      group.close();
    },
  },
  {
    peer: 'stays-away',
    title: 'that does not come back is closed after its grace, with all of its transports and the reason',
    play: async peer => {
      const group = participant(peer, SHORT_GRACE);
      const transports = peer.transports.map(({ transport }) => transport);
      const told: string[] = [];

      group.on('cleanup', ({ reason, deadFor, transports: { length } }) => {
        told.push(`${length} transports, ${reason}`);
        expectThat(deadFor >= SHORT_GRACE, `closed after ${deadFor} ms`);
      });
      peer.cut(true);
      await event(group, 'cleanup', () => told.length > 0, peer);
      expectThat(told.join() === '2 transports, missed-pings', `cleanup: ${told.join()}`);
      expectThat(
        transports.every(({ closed }) => closed),
        'a transport is open',
      );
    },
  },
  {
    peer: 'blocked',
    title: 'whose RTP is blocked, while its pings get through, is alive, and its media is blocked',
    play: async peer => {
      const watch = await watchMedia(peer);

      await reaches(watch, 'flowing', peer);
      peer.blockMedia(true);
      await reaches(watch, 'blocked', peer);
      peer.blockMedia(false);
      await reaches(watch, 'flowing', peer);
      expectNever(peer, 'dead');
    },
  },
  {
    peer: 'congested',
    title: 'on a congested path opens the breaker of what it receives, and a new path closes it',
    play: async peer => {
      // The others stop for a while, and a breaker judges no stream that stands still.
      const consumer = await peer.consumerOf(SPEAKER, PATIENCE);
      const heartbeat = peer.heartbeat('recv');
      const breaker = watchCircuit(consumer, heartbeat, { reportInterval: REPORT_INTERVAL });
      const states: string[] = [];

      breaker.on('change', ({ state, previous, advice }) => {
        if (state !== previous) {
          states.push(state);
        }

        // What the application does.
        (advice === 'none' ? consumer.resume() : consumer.pause()).catch(() => {});
      });
      peer.lose('downlink', 0.4);
      await event(breaker, 'change', () => breaker.state === 'open', peer);
      peer.lose('downlink', 0);
      peer.leaveNetwork();
      await event(breaker, 'change', () => breaker.state === 'closed', peer);
      expectThat(states.join() === 'open,half-open,closed', `the breaker was ${states.join(', ')}`);
      breaker.close();
    },
  },
  {
    peer: 'half',
    title: 'that loses one of its two paths is alive, and the group says which path is lost',
    play: async peer => {
      const group = participant(peer, LONG_GRACE);
      const send = peer.heartbeat('send');
      const lost: string[] = [];

      group.on('pathlost', ({ heartbeat }) => lost.push(heartbeat === send ? 'send' : 'recv'));
      peer.cutPath('send', true);
      await event(group, 'pathlost', () => group.lostPaths.length > 0, peer);
      expectThat(lost.join() === 'send', `lost: ${lost.join()}`);
      await event(group, 'alive', () => group.state === 'alive', peer);
      peer.cutPath('send', false);
      await event(group, 'pathback', () => group.lostPaths.length === 0, peer);
      group.close();
    },
  },
];

async function watchMedia(peer: StoryPeer): Promise<MediaFlowWatch> {
  await peer.packets(PACKETS, PATIENCE);

  const watch = watchMediaFlow(peer.producer, { heartbeat: peer.heartbeat('send') });

  // The client says what it sends.
  peer.on('media', stream => watch.hear(stream));
  watch.hear(peer.media);

  return watch;
}

function participant(peer: StoryPeer, grace: number): HeartbeatGroup {
  const group = createHeartbeatGroup({ closeOnDead: { grace }, appData: { name: peer.name } });

  for (const { heartbeat } of peer.transports) {
    group.add(heartbeat);
  }

  return group;
}

function reaches(watch: MediaFlowWatch, state: string, peer: StoryPeer): Promise<void> {
  return event(
    watch,
    'change',
    () => watch.flow.state === state,
    peer,
    () => `its media is ${watch.flow.state}`,
  );
}

/** Waits until the condition holds, and looks at each such event. Rejects after a while. */
async function event(
  emitter: Parameters<typeof waitForEvent>[0],
  name: string,
  isThere: () => boolean,
  peer: StoryPeer,
  told = () => peer.told,
): Promise<void> {
  const otherwise = () => `no ${name} as expected within ${PATIENCE / 1000} s: ${told()}`;

  await waitForEvent(emitter, name, isThere, { within: PATIENCE, otherwise });
}

function expectThat(isTrue: boolean, otherwise: string): void {
  if (!isTrue) {
    throw new Error(otherwise);
  }
}

function expectOnly(states: readonly string[], ...allowed: string[]): void {
  const other = states.find(state => !allowed.includes(state));

  expectThat(other === undefined, `its media was ${other}`);
}

function expectNever(peer: StoryPeer, state: string): void {
  expectThat(!peer.changes.some(({ to }) => to === state), `it was ${state}`);
}
