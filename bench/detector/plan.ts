import type { Entry } from './Contender.ts';
import { OURS } from './ours.ts';
import { RIVALS } from './rivals/entries.ts';
import type { World } from './World.ts';
import { PROOFS, SCENARIOS } from './worlds.ts';

/** One planned line of figures. */
export type Job = { world: World; entry: Entry; peers: number };

/** Clients in a scenario, half an hour each: for the default, and for every other detector. */
const DEFAULT_PEERS = 4000;
const PEERS = 1200;

/** Detectors that count traffic take ten times as long to simulate. */
const PASSIVE_PEERS = 500;

/** Clients in a proof, if it is not {@link SOME_PEERS}. */
const PROOF_PEERS: Readonly<Record<string, number>> = {
  'loss-5': 100_000,
  'loss-30': 3000,
  outages: 4500,
  'outages-4s': 4500,
  stalls: 2000,
  freezes: 500,
  'freezes-opinion': 1000,
  'fast-10s': 4000,
  'fast-2min': 4000,
  'fast-150': 4000,
  answering: 2000,
  'answering-4g': 2000,
  'answering-hidden': 2000,
  'answering-bursts': 500,
  'answering-hidden-bursts': 500,
  goodbye: 20_000,
};
const SOME_PEERS = 3000;

/** In a quick run: a hundredth of the clients, but at least this many and at most these hours. */
const QUICK = 1 / 100;
const QUICK_LEAST = 30;
const QUICK_HOURS = 300;

/** The jobs of a run: all, or those with these names. */
export function plan(quick: boolean, scenario?: string, detector?: string): Job[] {
  const jobs: Job[] = [];

  for (const world of SCENARIOS) {
    for (const entry of [...OURS, ...RIVALS]) {
      jobs.push({ world, entry, peers: peersOf(entry) });
    }
  }

  for (const world of PROOFS) {
    const preset = world.name.startsWith('fast-') ? 'fast' : 'balanced';

    for (const entry of OURS.filter(({ name }) => name === preset)) {
      jobs.push({ world, entry, peers: PROOF_PEERS[world.name] ?? SOME_PEERS });
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

function quickly({ world, peers }: Job): number {
  const hours = world.life / 3_600_000;

  return Math.round(Math.min(QUICK_HOURS / hours, Math.max(QUICK_LEAST, peers * QUICK)));
}
