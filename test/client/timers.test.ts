import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLoops } from '../../packages/client/src/loops.ts';
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
  const { surroundings } = createLoops(() => false);
  const before = timers();
  const timer = surroundings.createTimer(() => {});

  timer.set(10_000);
  expect(timers()).toBe(before);
  timer.clear();
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
