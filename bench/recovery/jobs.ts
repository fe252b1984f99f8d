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

export type OutageResult = Outage & { outcome: Outcome };
/** A scenario of a walk, or the way home to the usual network. */
export type Step = { step: ScenarioName | 'home'; outcome: Outcome };
export type WalkResult = Walk & { outcomes: Step[] };
export type HealthyResult = Healthy & { before: Gaps; during: Gaps; restarts: number };

export type Result = OutageResult | WalkResult | HealthyResult;
