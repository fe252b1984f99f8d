import { expect } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { App, type Link, type Setup } from './App.ts';
import type { Source } from './Source.ts';

/**
 * The actions of an application.
 *
 * @returns the transports that are connected in the end
 */
export type Scenario = (app: App) => Promise<Link[]>;

/** How to compare. */
export type Comparison = Omit<Setup, 'serverSide' | 'clientSide'> & {
  /** Events of these kinds are left out. */
  except?: string[];
};

/** Runs a scenario without and with the heartbeat, and expects that the application sees the same. */
export async function expectUnnoticed(
  source: Source,
  scenario: Scenario,
  { except = [], ...setup }: Comparison = {},
): Promise<void> {
  const without = await run(source, { serverSide: false, clientSide: false, ...setup }, scenario);
  const withIt = await run(source, { serverSide: true, clientSide: true, ...setup }, scenario);

  for (const kind of except) {
    delete without[kind];
    delete withIt[kind];
  }

  expect(withIt).toEqual(without);
}

/** Runs a scenario to its end. With both sides, both must be alive on each connected transport. */
export async function run(
  source: Source,
  setup: Setup,
  scenario: Scenario,
): Promise<Record<string, string[]>> {
  const app = new App(source, setup);

  try {
    await app.load();

    for (const link of await scenario(app)) {
      await until(link.client, 'connectionstatechange', () => link.client.connectionState === 'connected');

      if (setup.clientSide && setup.serverSide) {
        await untilState(app.heartbeatOf(link), 'alive');
        await untilState(link.heartbeat as NonNullable<Link['heartbeat']>, 'alive');
      }

      app.seen.push(
        `listeners ${link.client.direction} ${link.client.listenerCount('connect')} of ${link.client.eventNames()}`,
        `handler ${link.client.direction} ${link.client.handler.listenerCount('@connect')}`,
      );
    }
  } finally {
    app.close();
  }

  return app.take();
}

/** Leaves a transport alone until the heartbeat has connected it. */
export async function leaveIdle(app: App, link: Link): Promise<void> {
  if (app.heartbeats !== undefined) {
    await untilState(app.heartbeatOf(link), 'alive');
  }
}

/** Something that happens once, and can be awaited. */
export class Moment {
  readonly promise: Promise<void>;
  come: () => void = () => {};

  constructor() {
    this.promise = new Promise(resolve => {
      this.come = resolve;
    });
  }
}

/** If nothing happens for this long, in ms, it counts as never. */
const NEVER = 80;

/** The outcome of an operation, if there is one yet. */
export async function outcome(operation: Promise<unknown>): Promise<'succeeded' | 'failed' | 'hangs'> {
  return Promise.race([
    operation.then(
      () => 'succeeded' as const,
      () => 'failed' as const,
    ),
    new Promise<'hangs'>(resolve => void setTimeout(() => resolve('hangs'), NEVER)),
  ]);
}

/** The outcome of an operation that must end, however long the machine takes: its transport was closed. */
export async function ending(operation: Promise<unknown>): Promise<'succeeded' | 'failed'> {
  return operation.then(
    () => 'succeeded',
    () => 'failed',
  );
}
