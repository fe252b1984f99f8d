import type { BrowserName } from './browsers.ts';
import { CONTENDERS, type Contender, isOurs } from './contenders.ts';
import { type Job, keyOf } from './jobs.ts';
import { ASLEEP, SCENARIOS, type ScenarioName, TUNNEL } from './scenarios.ts';

/** How long a call may take to come back, in ms. ICE fails after 16 s, and the application restarts only then. */
const PATIENCE = 20_000;
const PATIENCE_OF_FAILED = 40_000;
/** A call of a walk without media both ways so long after a path exists is lost, in ms. */
const PATIENCE_OF_WALK = 15_000;

/** How many scenarios a walk has. */
const STEPS = 3;

const ALL = Object.keys(SCENARIOS) as ScenarioName[];
/** For the second Chromium, and for Firefox, which gathers candidates on the default route only. */
const FOR_SHELL: ScenarioName[] = ['a', 'b', 'c', 'd'];
const FOR_FIREFOX: ScenarioName[] = ['a', 'd', 'tunnel'];

/** What a run consists of. */
export type Choice = {
  quick: boolean;
  browsers: readonly BrowserName[];
  /** Only these, if there are any. */
  scenarios: readonly string[];
  contenders: readonly string[];
  /** How often each outage is played, instead of the usual number. */
  runs: number | undefined;
  /** How many walks, instead of the usual number. */
  walks: number | undefined;
  random: () => number;
};

/** All jobs in their order: of a quick run the longest first, otherwise what matters most first, and all its rows at the same pace. */
export function plan(choice: Choice): Job[] {
  const { quick, browsers, scenarios, contenders, random } = choice;
  const [main = 'firefox'] = browsers;
  const jobs = browsers.flatMap(browser =>
    scenariosOf(browser, main).flatMap(scenario =>
      (Object.keys(CONTENDERS) as Contender[]).flatMap(contender =>
        repeated(
          choice.runs ?? runsOf(quick, browser, main, scenario, contender),
          (): Job => ({
            kind: 'outage',
            browser,
            scenario,
            contender,
            patience: contender === 'on-failed' ? PATIENCE_OF_FAILED : PATIENCE,
          }),
        ),
      ),
    ),
  );

  if (main !== 'firefox') {
    jobs.push(
      ...repeated(choice.runs ?? (quick ? 1 : 20), (): Job => ({ kind: 'healthy', browser: main })),
      ...repeated(
        choice.walks ?? choice.runs ?? (quick ? 2 : 200),
        (): Job => ({
          kind: 'walk',
          browser: main,
          contender: 'ours-with-hints',
          steps: repeated(STEPS, () => ALL[Math.floor(random() * ALL.length)] ?? 'a'),
          patience: PATIENCE_OF_WALK,
        }),
      ),
    );
  }

  const wanted = jobs.filter(
    job =>
      (scenarios.length === 0 || scenarios.includes(job.kind === 'outage' ? job.scenario : job.kind)) &&
      (contenders.length === 0 || job.kind === 'healthy' || contenders.includes(job.contender)),
  );

  return quick
    ? wanted.sort((one, other) => one.browser.localeCompare(other.browser) || lengthOf(other) - lengthOf(one))
    : atTheSamePace(wanted, main);
}

/** Sleepers and busy jobs of a rank mix, so that the load is even, and an interrupted run has as many runs of each row. */
function atTheSamePace(jobs: readonly Job[], main: BrowserName): Job[] {
  const groupOf = (job: Job) => (job.kind === 'walk' ? job.kind : keyOf(job));
  const sizes = new Map<string, number>();
  const placed = jobs.map(job => {
    const turn = sizes.get(groupOf(job)) ?? 0;

    sizes.set(groupOf(job), turn + 1);

    return { job, turn };
  });
  const place = ({ job, turn }: (typeof placed)[number]) => (turn + 0.5) / (sizes.get(groupOf(job)) ?? 1);

  return placed
    .sort((one, other) => rankOf(one.job, main) - rankOf(other.job, main) || place(one) - place(other))
    .map(({ job }) => job);
}

/** All jobs of a rank have the same browser. */
function rankOf(job: Job, main: BrowserName): number {
  const isOther = job.kind === 'outage' && !isOurs(job.contender);

  if (job.kind === 'walk') return 2;
  if (job.browser === main) return isOther ? 3 : 0;
  if (job.browser === 'firefox') return isOther ? 5 : 1;

  return isOther ? 6 : 4;
}

/** About how long a job takes, in ms. */
function lengthOf(job: Job): number {
  const outage = { tunnel: TUNNEL, asleep: ASLEEP, moved: ASLEEP } as Partial<Record<ScenarioName, number>>;

  switch (job.kind) {
    case 'outage': {
      const back = isOurs(job.contender) ? 4000 : job.patience;

      return 10_000 + (outage[job.scenario] ?? 0) + back;
    }
    case 'walk': {
      return job.steps.reduce((sum, step) => sum + 7000 + (outage[step] ?? 0), 10_000);
    }
    case 'healthy': {
      return 20_000;
    }
  }
}

function scenariosOf(browser: BrowserName, main: BrowserName): ScenarioName[] {
  if (browser === 'firefox') return FOR_FIREFOX;

  return browser === main ? ALL : FOR_SHELL;
}

function runsOf(
  quick: boolean,
  browser: BrowserName,
  main: BrowserName,
  scenario: ScenarioName,
  contender: Contender,
): number {
  // Firefox gives no hints.
  if (browser === 'firefox' && contender === 'ours-with-hints') return 0;
  if (!quick) return isOurs(contender) ? 20 : 5;

  const short = scenario in { a: 0, b: 0, c: 0, d: 0, n: 0 };

  switch (contender) {
    case 'ours': {
      return browser === main || browser === 'firefox' ? (short ? 2 : 1) : 0;
    }
    case 'ours-with-hints': {
      return browser === main && (scenario === 'c' || scenario === 'd') ? 2 : 0;
    }
    case 'nothing': {
      return browser === main && short ? 1 : 0;
    }
    default: {
      return browser === main && scenario === 'd' ? 1 : 0;
    }
  }
}

function repeated<T>(times: number, make: () => T): T[] {
  return Array.from({ length: times }, make);
}
