import { now } from '../clock.ts';
import { MeetingServer } from '../server/MeetingServer.ts';
import type { ChangeView } from '../signaling/messages.ts';
import { type Chapter, expectStates } from './chapters.ts';
import { type Recovery, StoryPeer } from './StoryPeer.ts';
import type { Story } from './stories.ts';

/** A state change in the story. Times in ms. */
export type StoryLine = {
  /** Since the story began. */
  at: number;
  peer: string;
  transport: 'send' | 'recv';
  from: string;
  to: string;
  reason: string;
  /** Since the client's last fault. `null`: none yet. */
  detectedAfter: number | null;
};

/** A recovery in the story. Times in ms, as the client's heartbeat reports them. */
export type RecoveryLine = {
  at: number;
  peer: string;
  transport: 'send' | 'recv';
  /** From the loss to the first packet on the new path. `null`: not known. */
  restoredIn: number | null;
  /** From the loss to the first proof of life. */
  provenIn: number | null;
  outage: number;
};

export type Check = { name: string; ok: boolean; detail: string };

export type Summary = { ok: boolean; duration: number; checks: Check[] };

/** Prints the story. */
export type Teller = {
  line(line: StoryLine): void;
  recovered(line: RecoveryLine): void;
  summary(summary: Summary): void;
};

/** All clients must be alive within this time, in ms. */
const OPENING = 30_000;

/** How many RTT samples each client has before the first fault. */
const SAMPLES = 5;

/** Plays a story once, with its own server and clients, and checks every state change. */
export async function playStory(teller: Teller, { chapters, healthy, media }: Story): Promise<Summary> {
  const began = now();
  const server = await MeetingServer.start(0);
  const peers = new Map<string, StoryPeer>();

  if (healthy !== undefined) {
    peers.set(healthy.peer, new StoryPeer(server, healthy.peer));
  }

  for (const { peer } of chapters) {
    peers.set(peer, new StoryPeer(server, peer, { media }));
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Stopped processes would never end.
    process.once(signal, () => server.close().finally(() => process.exit(1)));
  }

  for (const peer of peers.values()) {
    peer.on('change', change => teller.line(lineOf(change, peer, began)));
    peer.on('recovered', recovery => teller.recovered(recoveryLineOf(recovery, peer, began)));
  }

  const checks: Check[] = [];

  try {
    await Promise.all([...peers.values()].map(peer => peer.both('alive', OPENING)));
    await Promise.all([...peers.values()].map(peer => peer.known(SAMPLES)));
    checks.push(...(await Promise.all(chapters.map(chapter => checkChapter(chapter, peers)))));

    if (healthy !== undefined) {
      checks.push(
        await check(healthy.peer, healthy.title, async () =>
          expectStates(peerOf(peers, healthy.peer), ['alive']),
        ),
      );
    }
  } catch (error) {
    checks.push({ name: 'everybody joins', ok: false, detail: String(error) });
  } finally {
    // All transports close now. That is no part of the story.
    for (const peer of peers.values()) {
      peer.removeAllListeners();
    }

    await server.close();
  }

  const summary = { ok: checks.every(({ ok }) => ok), duration: Math.round(now() - began), checks };

  teller.summary(summary);

  return summary;
}

function checkChapter(chapter: Chapter, peers: Map<string, StoryPeer>): Promise<Check> {
  return check(chapter.peer, chapter.title, () => chapter.play(peerOf(peers, chapter.peer)));
}

async function check(peer: string, title: string, play: () => Promise<void>): Promise<Check> {
  const name = `${peer}: a peer ${title}`;

  try {
    await play();

    return { name, ok: true, detail: 'as it should' };
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message };
  }
}

function peerOf(peers: Map<string, StoryPeer>, name: string): StoryPeer {
  return peers.get(name) as StoryPeer;
}

function recoveryLineOf(recovery: Recovery, { name }: StoryPeer, began: number): RecoveryLine {
  const { direction, restoredIn, provenIn, outage, at } = recovery;

  return {
    at: Math.round(at - began),
    peer: name,
    transport: direction,
    restoredIn: restoredIn === undefined ? null : Math.round(restoredIn),
    provenIn: provenIn === undefined ? null : Math.round(provenIn),
    outage: Math.round(outage),
  };
}

function lineOf(change: ChangeView, { injectedAt }: StoryPeer, began: number): StoryLine {
  return {
    at: Math.round(change.at - began),
    peer: change.name,
    transport: change.direction,
    from: change.from,
    to: change.to,
    reason: change.reason,
    detectedAfter: injectedAt === undefined ? null : Math.round(change.at - injectedAt),
  };
}
