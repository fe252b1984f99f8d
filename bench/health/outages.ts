import { Fleet } from './Fleet.ts';

/** How many clients the server has. */
const CLIENTS = 40;

/** Clients get acquainted, and then watched after a fault, for this long, in ms. */
const WARM_UP = 60_000;
const WATCHED = 60_000;

/** What happens to the clients of one server at once. */
export type ServerWorld = {
  name: string;
  /** How many clients are cut. */
  cut: number;
  /** For how long, in ms. `Infinity`: for good. */
  duration: number;
  /** How many of them stay away when the others come back. */
  staysAway?: number;
};

/** What the server makes of it. Times in ms since the cut; `lastDeath` is `undefined` where nobody dies. */
export type Outcome = { deaths: number; lastDeath?: number; falseDeaths: number; backAfter?: number };

export const SERVER_WORLDS: readonly ServerWorld[] = [
  { name: 'all clients are cut for 8 s', cut: CLIENTS, duration: 8000 },
  { name: 'all clients are cut for 20 s', cut: CLIENTS, duration: 20_000 },
  { name: 'one client is cut for good', cut: 1, duration: Number.POSITIVE_INFINITY },
  { name: '30 clients are cut for good', cut: 30, duration: Number.POSITIVE_INFINITY },
  { name: 'all are cut for 8 s, one does not come back', cut: CLIENTS, duration: 8000, staysAway: 1 },
];

/** Simulates one of these worlds. */
export function simulateOutage({ cut, duration, staysAway = 0 }: ServerWorld, isAware: boolean): Outcome {
  const fleet = new Fleet(CLIENTS, isAware);
  const victims = fleet.members.slice(0, cut);
  const gone = Number.isFinite(duration) ? victims.slice(0, staysAway) : victims;
  const back = victims.filter(member => !gone.includes(member));

  fleet.run(WARM_UP);

  const cutAt = fleet.forget();

  fleet.cut(victims);
  fleet.run(Math.min(duration, WATCHED));
  fleet.cut(back, false);
  fleet.run(WATCHED);

  const deaths = fleet.members.flatMap(({ diedAt }) => diedAt ?? []);
  const returns = back.flatMap(({ aliveAt }) => aliveAt ?? []);

  return {
    deaths: deaths.length,
    falseDeaths: fleet.members.filter(member => member.diedAt !== undefined && !gone.includes(member)).length,
    ...(deaths.length > 0 && { lastDeath: Math.max(...deaths) - cutAt }),
    ...(returns.length > 0 && { backAfter: Math.max(...returns) - cutAt - duration }),
  };
}
