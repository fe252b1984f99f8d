import { now } from '../clock.ts';
import { MeetingServer } from '../server/MeetingServer.ts';
import type { ChangeView } from '../signaling/messages.ts';
import { CHAPTERS, expectStates, HEALTHY } from './chapters.ts';
import { StoryPeer } from './StoryPeer.ts';

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

export type Check = { name: string; ok: boolean; detail: string };

export type Summary = { ok: boolean; duration: number; checks: Check[] };

/** Prints the story. */
export type Teller = { line(line: StoryLine): void; summary(summary: Summary): void };

/** All clients must be alive within this time, in ms. */
const OPENING = 30_000;

/** How many RTT samples each client has before the first fault. */
const SAMPLES = 5;

/** Plays the story once, with its own server and clients, and checks every state change. */
export async function playStory(teller: Teller): Promise<Summary> {
  const began = now();
  const server = await MeetingServer.start(0);
  const names = [HEALTHY.peer, ...CHAPTERS.map(({ peer }) => peer)];
  const peers = new Map(names.map(name => [name, new StoryPeer(server, name)]));

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Stopped processes would never end.
    process.once(signal, () => server.close().finally(() => process.exit(1)));
  }

  for (const peer of peers.values()) {
    peer.on('change', change => teller.line(lineOf(change, peer, began)));
  }

  const checks: Check[] = [];

  try {
    await Promise.all([...peers.values()].map(peer => peer.both('alive', OPENING)));
    await Promise.all([...peers.values()].map(peer => peer.known(SAMPLES)));
    checks.push(...(await Promise.all(CHAPTERS.map(chapter => checkChapter(chapter, peers)))));
    checks.push(
      await check(HEALTHY.peer, HEALTHY.title, async () =>
        expectStates(peerOf(peers, HEALTHY.peer), ['alive']),
      ),
    );
  } catch (error) {
    checks.push({ name: 'everybody joins', ok: false, detail: String(error) });
  } finally {
    // All transports close now. That is no part of the story.
    for (const peer of peers.values()) {
      peer.removeAllListeners('change');
    }

    await server.close();
  }

  const summary = { ok: checks.every(({ ok }) => ok), duration: Math.round(now() - began), checks };

  teller.summary(summary);

  return summary;
}

function checkChapter(chapter: (typeof CHAPTERS)[number], peers: Map<string, StoryPeer>): Promise<Check> {
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
