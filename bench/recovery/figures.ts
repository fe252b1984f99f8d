import type { BrowserName } from './browsers.ts';
import type { Contender } from './contenders.ts';
import type { HealthyResult, OutageResult, Result, WalkResult } from './jobs.ts';
import type { Times } from './Outcome.ts';
import type { ScenarioName } from './scenarios.ts';

/** In ms. What never came back counts as infinitely late, which JSON writes as null. */
export type Spread = { median: number; p95: number };

export type Direction = 'up' | 'down';

/** All runs of one scenario. */
export type Row = {
  browser: BrowserName;
  scenario: ScenarioName;
  contender: Contender;
  runs: number;
  /** Runs without RTP in both directions in time. */
  lost: number;
} & Record<Direction, Record<keyof Times, Spread>>;

export function rowsOf(results: readonly Result[]): Row[] {
  const outages = results.filter((result): result is OutageResult => result.kind === 'outage');
  const groups = new Map<string, OutageResult[]>();

  for (const outage of outages) {
    const key = `${outage.browser} ${outage.scenario} ${outage.contender}`;

    groups.set(key, [...(groups.get(key) ?? []), outage]);
  }

  return [...groups.values()].flatMap(group => {
    const [first] = group;

    if (first === undefined) return [];

    const { browser, scenario, contender } = first;
    const spreads = (direction: Direction) => ({
      rtp: spreadOf(group.map(({ outcome }) => outcome[direction].rtp)),
      frame: spreadOf(group.map(({ outcome }) => outcome[direction].frame)),
      data: spreadOf(group.map(({ outcome }) => outcome[direction].data)),
    });

    return {
      browser,
      scenario,
      contender,
      runs: group.length,
      lost: group.filter(({ outcome: { up, down } }) => up.rtp === undefined || down.rtp === undefined)
        .length,
      up: spreads('up'),
      down: spreads('down'),
    };
  });
}

export type Walks = { walks: number; changes: number; lost: number; lostAt: string[] };

export function walksOf(results: readonly Result[]): Walks {
  const walks = results.filter((result): result is WalkResult => result.kind === 'walk');
  const isLost = ({ outcomes }: WalkResult) => {
    const last = outcomes.at(-1)?.outcome;

    return last?.up.rtp === undefined || last.down.rtp === undefined;
  };

  return {
    walks: walks.length,
    changes: walks.reduce((sum, { outcomes }) => sum + outcomes.length, 0),
    lost: walks.filter(isLost).length,
    lostAt: walks.filter(isLost).map(({ outcomes }) => outcomes.map(({ step }) => step).join('-')),
  };
}

export type Healthy = Record<'before' | 'during', Record<keyof HealthyResult['before'], Spread>> & {
  runs: number;
  restarts: number;
};

export function healthyOf(results: readonly Result[]): Healthy | undefined {
  const runs = results.filter((result): result is HealthyResult => result.kind === 'healthy');

  if (runs.length === 0) return undefined;

  const spreads = (when: 'before' | 'during') => {
    const gap = (name: keyof HealthyResult['before']) => spreadOf(runs.map(run => run[when][name]));

    return {
      audioUp: gap('audioUp'),
      audioDown: gap('audioDown'),
      videoUp: gap('videoUp'),
      videoDown: gap('videoDown'),
      shown: gap('shown'),
    };
  };

  return {
    runs: runs.length,
    restarts: runs.reduce((sum, run) => sum + run.restarts, 0),
    before: spreads('before'),
    during: spreads('during'),
  };
}

function spreadOf(times: readonly (number | undefined)[]): Spread {
  const sorted = times.map(time => time ?? Number.POSITIVE_INFINITY).sort((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.POSITIVE_INFINITY;
  const middle = (sorted.length - 1) / 2;

  return {
    median: Math.round((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2),
    p95: at(Math.ceil(0.95 * sorted.length) - 1),
  };
}
