/** What happens to the browser's network. */
export const SCENARIOS = {
  a: { about: 'preferred interface goes down', mobile: true, from: 'loss' },
  b: { about: 'preferred interface drops everything silently', mobile: true, from: 'loss' },
  c: { about: 'interface down, the other comes up 0.8 s later', mobile: false, from: 'loss' },
  d: { about: 'address of the interface replaced', mobile: false, from: 'loss' },
  n: { about: 'NAT rebinding', mobile: false, from: 'loss' },
  tunnel: { about: 'no path for 25 s', mobile: false, from: 'path' },
  asleep: { about: 'browser stopped for 60 s, same network', mobile: false, from: 'path' },
  moved: { about: 'browser stopped for 60 s, another network', mobile: false, from: 'path' },
} as const satisfies Record<
  string,
  {
    about: string;
    /** Whether there is a second interface before the loss. */
    mobile: boolean;
    /** Times count from the loss of the path, or from when there was one again. */
    from: 'loss' | 'path';
  }
>;

export type ScenarioName = keyof typeof SCENARIOS;

/** In ms. */
export const SECOND_INTERFACE_AFTER = 800;
export const WITHOUT_ADDRESS = 50;
export const TUNNEL = 25_000;
export const ASLEEP = 60_000;
