import { afterAll, beforeAll, expect, test } from 'vitest';
import { now } from '../../packages/client/src/clock.ts';
import { Scheduler } from '../../packages/client/src/Scheduler.ts';
import { type Source, startSource } from './Source.ts';
import { run } from './unnoticed.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** How many timers keep the Node process running. */
const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length;

test('a waiting heartbeat keeps no Node process running', () => {
  const scheduler = new Scheduler();
  const task = { dueAt: now() + 10_000, run: () => {}, stalled: () => {} };
  const before = timers();

  scheduler.update(task);
  expect(timers()).toBe(before);
  scheduler.remove(task);
});

test('an idle transport that waits to be connected keeps no Node process running', async () => {
  await run(source, { serverSide: true, clientSide: true, connectIdleAfter: 10_000 }, async app => {
    const link = await app.createLink('recv');
    const before = timers();

    link.client.on('connect', link.connect);
    expect(timers()).toBe(before);

    return [];
  });
});
