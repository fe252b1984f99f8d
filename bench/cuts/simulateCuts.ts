import { OURS } from '../detector/ours.ts';
import { run } from '../detector/run.ts';
import type { Times } from '../detector/Tally.ts';
import type { World } from '../detector/World.ts';

/** Simulated clients: enough that the figures do not change with the seed. */
const PEERS = 5000;

/** The simulated times of one side. */
export type SimulatedDetection = { suspect: Times; dead: Times };

/** The simulated times of both sides, for clients that are cut off after this many pings on a link like loopback. */
export function simulateCuts(pings: number): Record<'server' | 'client', SimulatedDetection> {
  const loopback = { delay: 0.5, jitter: 0.2 };
  const world: World = {
    name: 'loopback',
    about: 'loopback, cut off at a random moment of the interval behind some pings',
    down: loopback,
    up: loopback,
    life: (pings - 1) * 1000,
    learn: 0,
    spread: 1000,
    death: 'cut',
  };

  return { server: simulate(world), client: simulate({ ...world, answering: { timers: 0 } }) };
}

function simulate(world: World): SimulatedDetection {
  const [balanced] = OURS;
  const figures = balanced && run(world, balanced, PEERS);

  if (figures?.suspect === undefined || figures.dead === undefined) {
    throw new Error('no peer was found dead');
  }

  return { suspect: figures.suspect, dead: figures.dead };
}
