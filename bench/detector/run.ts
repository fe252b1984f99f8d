import type { Entry } from './Contender.ts';
import { Inbox } from './Inbox.ts';
import { Session } from './Session.ts';
import { Tally, type Times } from './Tally.ts';
import type { World } from './World.ts';

/** The figures of one detector in one world. */
export type Figures = {
  scenario: string;
  detector: string;
  peers: number;
  peerHours: number;
  suspect: Times | undefined;
  dead: Times | undefined;
  recovery: Times | undefined;
  falseSuspectsPerHour: number | undefined;
  falseDeads: number;
  /** How many of them during an outage, or right after it. */
  falseDeadsInOutages: number;
  falseDeadsPer1000Hours: number;
  outages: number;
  /** Worse states just after the thaw of a page. */
  afterThaw: number;
  pingsPerHour: number;
  /** Deaths not noticed within 100 s. */
  undetected: number;
};

/** Send times of a session's pings: as many as can be waited for. A power of two. */
const PINGS = 4096;

/** Lets `peers` clients live and die in a world, judged by one detector. The same seed gives the same figures. */
export function run(world: World, entry: Entry, peers: number, seed = 1): Figures {
  const tally = new Tally();
  const memory = { inbox: new Inbox(), page: new Inbox(), sentAt: new Float64Array(PINGS) };

  for (let peer = 0; peer < peers; peer++) {
    new Session(world, entry.create(), tally, seed * 1_000_003 + peer, memory).run();
  }

  const judged = entry.ours === true || entry.suspects === true;

  return {
    scenario: world.name,
    detector: entry.name,
    peers: tally.peers,
    peerHours: round(tally.hours, 1),
    suspect: judged ? tally.suspect.times() : undefined,
    dead: tally.dead.times(),
    recovery: tally.recovery.times(),
    falseSuspectsPerHour: judged ? round(tally.falseSuspects / tally.hours, 3) : undefined,
    falseDeads: tally.falseDeads,
    falseDeadsInOutages: tally.falseDeadsInOutage,
    falseDeadsPer1000Hours: round((1000 * tally.falseDeads) / tally.hours, 3),
    outages: tally.outages,
    afterThaw: tally.afterThaw,
    pingsPerHour: Math.round(tally.pings / tally.hours),
    undetected: tally.undetected,
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
