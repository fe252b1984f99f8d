/** What a run measures. Times in s. */
export type Plan = {
  /** Numbers of real peers of the servers that are measured side by side. */
  peers: readonly number[];
  /** How often each mode is measured, and for how long. One round of shorter or equal windows comes before, and does not count. */
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  /** Numbers of real peers of the servers that run alone. */
  growth: readonly number[];
  /** How often, and for how long, each of them is measured. */
  growthRounds: number;
  growthSeconds: number;
  /** Numbers of real peers behind a relay. */
  paths: readonly number[];
  /** For how long the relay counts, and for how long it loses. Together, and with the joining, less than two minutes: the window of the loss. */
  wireSeconds: number;
  lossSeconds: number;
  /** Numbers of heartbeats on the simulated transport. */
  simulated: readonly number[];
  /** Rounds of first media, and pings in Chromium. 0: none. */
  firstMedia: number;
  pagePings: number;
};

export const FULL: Plan = {
  peers: [200, 500],
  rounds: 4,
  seconds: 10,
  warmUpSeconds: 10,
  growth: [1, 10, 100, 500, 1000],
  growthRounds: 3,
  growthSeconds: 7,
  paths: [1, 100, 500],
  wireSeconds: 10,
  lossSeconds: 70,
  simulated: [1000, 10_000, 100_000],
  firstMedia: 100,
  pagePings: 500,
};

export const QUICK: Plan = {
  peers: [100],
  rounds: 2,
  seconds: 5,
  warmUpSeconds: 2,
  growth: [],
  growthRounds: 0,
  growthSeconds: 0,
  paths: [100],
  wireSeconds: 10,
  lossSeconds: 20,
  simulated: [1000, 10_000],
  firstMedia: 0,
  pagePings: 0,
};

/** Losses that the relay injects: fractions of each direction. */
export const LOSS = { uplink: 0.02, downlink: 0.05 };
