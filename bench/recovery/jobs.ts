import type { BrowserName } from './browsers.ts';
import type { Contender } from './contenders.ts';
import type { Gaps, Outcome } from './Outcome.ts';
import type { ScenarioName } from './scenarios.ts';

type Outage = {
  kind: 'outage';
  browser: BrowserName;
  scenario: ScenarioName;
  contender: Contender;
  /** How long to wait for the call, in ms. */
  patience: number;
};
type Walk = {
  kind: 'walk';
  browser: BrowserName;
  contender: Contender;
  steps: ScenarioName[];
  patience: number;
};
type Healthy = { kind: 'healthy'; browser: BrowserName };

/** What a lane does at a time. */
export type Job = Outage | Walk | Healthy;

/** A scenario of a walk, or the way home to the usual network. */
export type Step = { step: ScenarioName | 'home'; outcome: Outcome };

/** What a lane says of a job. */
export type Played =
  | (Outage & { outcome: Outcome })
  | (Walk & { outcomes: Step[] })
  | (Healthy & { before: Gaps; during: Gaps; restarts: number });

/** With the machine meanwhile: jobs at once, and the load average of a minute at the end of this one. */
export type Result = Played & { lanes: number; load: number };

export type OutageResult = Extract<Result, { kind: 'outage' }>;
export type WalkResult = Extract<Result, { kind: 'walk' }>;
export type HealthyResult = Extract<Result, { kind: 'healthy' }>;

/** The same for all runs of one row of the tables, and for the same walk. */
export function keyOf(job: Job): string {
  switch (job.kind) {
    case 'outage': {
      return `${job.browser}, ${job.scenario}, ${job.contender}`;
    }
    case 'walk': {
      return `${job.browser}, walk ${job.steps.join('-')}, ${job.contender}`;
    }
    case 'healthy': {
      return `${job.browser}, healthy path`;
    }
  }
}
