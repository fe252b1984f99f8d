import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App, Link, Setup } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { leaveIdle, outcome, run } from './unnoticed.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

async function useBoth(app: App): Promise<[send: Link, recv: Link]> {
  const send = await app.createUsualLink('send');
  const recv = await app.createUsualLink('recv');

  await app.produce(send);
  await app.sendMessage(await app.produceData(send));
  await app.consume(recv);
  await app.receiveMessage(await app.consumeData(recv));

  return [send, recv];
}

describe.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
  const NONE: Setup = { serverSide: false, clientSide: false, version };

  test('the client side alone changes nothing, and its reason says why', async () => {
    const without = await run(source, NONE, useBoth);
    const alone = await run(source, { ...NONE, clientSide: true }, async app => {
      const told: unknown[] = [];

      app.heartbeats?.on('statechange', ({ state, reason }) => told.push([state, reason]));

      const links = await useBoth(app);

      expect(told).toEqual([['pending', 'no-server-half']]);
      expect(app.heartbeats?.reason).toBe('no-server-half');

      for (const link of links) {
        const { state, reason, stats } = app.heartbeatOf(link);

        expect({ state, reason, sent: stats.sent }).toEqual({
          state: 'pending',
          reason: 'no-server-half',
          sent: 0,
        });
      }

      return links;
    });

    expect(alone).toEqual(without);
  });

  test('the server side alone changes nothing, and its reason says why', async () => {
    const without = await run(source, NONE, useBoth);
    const alone = await run(source, { ...NONE, serverSide: true }, async app => {
      const links = await useBoth(app);

      for (const { heartbeat } of links) {
        expect([heartbeat?.state, heartbeat?.reason]).toEqual(['pending', 'no-client-half']);
      }

      return links;
    });

    expect(Object.keys(alone)).toEqual(Object.keys(without));
    expect(alone['send:producedata']).toEqual(without['send:producedata']);
  });

  test('the client side alone does not connect idle transports', async () => {
    await run(source, { ...NONE, clientSide: true }, async app => {
      const link = await app.createUsualLink('recv');

      expect(await outcome(leaveIdle(app, link))).toBe('hangs');
      expect(link.client.connectionState).toBe('new');

      return [];
    });
  });
});
