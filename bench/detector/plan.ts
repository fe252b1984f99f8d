import type { Entry } from './Contender.ts';
import { OURS } from './ours.ts';
import { RIVALS } from './rivals/entries.ts';
import type { World } from './World.ts';
import { PROOFS, SCENARIOS, SPELLS } from './worlds.ts';

/** One planned line of figures. */
export type Job = { world: World; entry: Entry; peers: number };

/** Clients in a scenario, half an hour each: for the default, and for every other detector. */
const DEFAULT_PEERS = 2000;
const PEERS = 400;

/** Detectors that count traffic take ten times as long to simulate. */
const PASSIVE_PEERS = 150;

/** Clients in a proof, if it is not {@link SOME_PEERS}. */
const PROOF_PEERS: Readonly<Record<string, number>> = {
  'loss-5': 10_000,
  outages: 3000,
  'outages-4s': 3000,
  stalls: 1000,
  freezes: 300,
  'freezes-opinion': 500,
  'clean-lan': 3000,
  'clean-wifi': 3000,
  'outages-dense': 2000,
  'bursty-1500-total': 3000,
  'bursty-1500': 3000,
  'bursty-1500-total-learning': 4000,
  'satellite-fades': 2000,
  'fast-10s': 4000,
  'fast-2min': 4000,
  'fast-150': 2000,
  goodbye: 10_000,
  'answering-bursts': 500,
  'answering-hidden-bursts': 500,
};
const SOME_PEERS = 1000;

/** Clients after a spell of outages: nothing is random there but when they die. */
const SPELL_PEERS = 100;

/** In a quick run: a hundredth of the clients, but at least this many, and at least and at most these hours. */
const QUICK = 1 / 100;
const QUICK_LEAST = 30;
const QUICK_LEAST_HOURS = 4;
const QUICK_HOURS = 40;

/** The jobs of a run: all, or those with these names. */
export function plan(quick: boolean, scenario?: string, detector?: string): Job[] {
  const jobs: Job[] = [];

  for (const world of SCENARIOS) {
    for (const entry of [...OURS, ...RIVALS]) {
      jobs.push({ world, entry, peers: peersOf(entry) });
    }
  }

  for (const world of [...PROOFS, ...SPELLS.flat()]) {
    const preset = world.name.startsWith('fast-') ? 'fast' : 'balanced';

    for (const entry of OURS.filter(({ name }) => name === preset)) {
      jobs.push({ world, entry, peers: peersIn(world) });
    }
  }

  return jobs
    .filter(({ world }) => scenario === undefined || world.name === scenario)
    .filter(({ entry }) => detector === undefined || entry.name === detector)
    .map(job => (quick ? { ...job, peers: quickly(job) } : job));
}

function peersOf(entry: Entry): number {
  if (entry.name === 'balanced') {
    return DEFAULT_PEERS;
  }

  return entry.frequent === true ? PASSIVE_PEERS : PEERS;
}

function peersIn(world: World): number {
  return isSpell(world) ? SPELL_PEERS : (PROOF_PEERS[world.name] ?? SOME_PEERS);
}

function quickly({ world, entry, peers }: Job): number {
  const hours = world.life / 3_600_000;

  if (isSpell(world)) {
    return peers;
  }

  const least = Math.max(QUICK_LEAST, entry.ours ? QUICK_LEAST_HOURS / hours : 0);

  return Math.round(Math.min(peers, QUICK_HOURS / hours, Math.max(least, peers * QUICK)));
}

function isSpell({ name }: World): boolean {
  return name.startsWith('forget-');
}
