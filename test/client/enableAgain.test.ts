import {
  type ClientHeartbeatOptions,
  type DeviceHeartbeat,
  enableHeartbeat,
  type TransportHeartbeat,
} from '@mediasoup-heartbeat/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import type { App, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { leaveIdle, Moment, run } from './unnoticed.ts';

const BOTH = { serverSide: true, clientSide: true };

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

const serverSide = (link: Link) => link.heartbeat as NonNullable<Link['heartbeat']>;

/** Closes the device's heartbeat and enables it again, as React's StrictMode and hot reload do. */
function enableAgain(app: App, options?: ClientHeartbeatOptions): DeviceHeartbeat {
  app.heartbeats?.close();

  return enableHeartbeat(app.device, options);
}

/** Waits until both sides are alive on a transport, by frames that are exchanged from now on. */
async function untilBothAlive(heartbeats: DeviceHeartbeat, link: Link): Promise<void> {
  const client = heartbeats.transports.get(link.client.id) as TransportHeartbeat;

  await Promise.all([untilState(client, 'alive'), untilState(serverSide(link), 'alive')]);
  await Promise.all([
    new Promise(resolve => client.once('sample', resolve)),
    new Promise(resolve => serverSide(link).once('sample', resolve)),
  ]);
  // A pong to a ping from before the goodbye is a sample, but proves nothing.
  await Promise.all([untilState(client, 'alive'), untilState(serverSide(link), 'alive')]);
  expect([client.state, serverSide(link).state]).toEqual(['alive', 'alive']);
}

/** Lets the application send or receive a message. */
async function use(app: App, link: Link): Promise<void> {
  if (link.client.direction === 'send') {
    await app.sendMessage(await app.produceData(link));
  } else {
    await app.receiveMessage(await app.consumeData(link));
  }
}

describe.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
  describe.each(['send', 'recv'] as const)(
    'a heartbeat that is enabled again on a %s transport',
    direction => {
      test('a heartbeat enabled again at once after close() is alive on the channel of the closed one', async () => {
        await run(source, { ...BOTH, version }, async app => {
          const link = await app.createUsualLink(direction);

          await leaveIdle(app, link);
          await untilState(serverSide(link), 'alive');

          const closed = app.heartbeatOf(link);
          const heartbeats = enableAgain(app, { connectIdleAfter: 10 });

          await untilBothAlive(heartbeats, link);
          expect([closed.state, closed.reason]).toEqual(['closed', 'heartbeat-closed']);
          await use(app, link);
          heartbeats.close();
          await until(serverSide(link), 'statechange', () => serverSide(link).reason === 'no-client-half');

          return [];
        });
      });

      test('a heartbeat enabled again after the server has noticed its end is alive again', async () => {
        await run(source, { ...BOTH, version }, async app => {
          const link = await app.createUsualLink(direction);

          await use(app, link);
          await leaveIdle(app, link);
          app.heartbeats?.close();
          await until(serverSide(link), 'statechange', () => serverSide(link).reason === 'no-client-half');
          await untilBothAlive(enableAgain(app), link);
          await use(app, link);

          return [];
        });
      });

      test('a heartbeat enabled again before the transport was connected connects it', async () => {
        await run(source, { ...BOTH, version, connectIdleAfter: false }, async app => {
          const link = await app.createUsualLink(direction);

          await untilBothAlive(enableAgain(app, { connectIdleAfter: 0 }), link);
          await use(app, link);

          return [];
        });
      });

      test('a heartbeat enabled again while the application is asked to connect is alive by that answer', async () => {
        await run(source, { ...BOTH, version }, async app => {
          const link = await app.createLink(direction);
          const asked = new Moment();
          const open = new Moment();

          link.client.on('connect', async (...args) => {
            asked.come();
            await open.promise;
            link.connect(...args);
          });
          await asked.promise;

          const heartbeats = enableAgain(app);

          open.come();
          await untilBothAlive(heartbeats, link);
          await use(app, link);
          expect(app.seen.filter(line => line.endsWith(':connect'))).toHaveLength(1);

          return [];
        });
      });

      test('a heartbeat enabled again while an operation connects is alive by that operation', async () => {
        await run(source, { ...BOTH, version, connectIdleAfter: false }, async app => {
          const link = await app.createLink(direction);
          const asked = new Moment();
          const open = new Moment();

          link.client.on('connect', async (...args) => {
            asked.come();
            await open.promise;
            link.connect(...args);
          });

          const used = use(app, link);

          await asked.promise;

          const heartbeats = enableAgain(app, { connectIdleAfter: false });

          open.come();
          await used;
          await untilBothAlive(heartbeats, link);

          return [];
        });
      });

      test('a heartbeat enabled again while the application cannot connect asks again', async () => {
        await run(source, { ...BOTH, version }, async app => {
          const link = await app.createLink(direction);
          const heartbeat = app.heartbeatOf(link);

          link.client.once('connect', (_event, _callback, errback) => errback(new Error('offline')));
          await until(heartbeat, 'statechange', () => heartbeat.reason === 'not-connected');
          app.heartbeats?.close();
          link.client.removeAllListeners('connect');
          link.client.on('connect', link.connect);
          await untilBothAlive(enableAgain(app, { connectIdleAfter: 0 }), link);
          await use(app, link);

          return [];
        });
      });

      test('a heartbeat attached again to one transport is alive on the channel of the closed one', async () => {
        await run(source, { ...BOTH, version }, async app => {
          const link = await app.createUsualLink(direction);
          const heartbeats = app.heartbeats as DeviceHeartbeat;

          await leaveIdle(app, link);
          app.heartbeatOf(link).close();
          heartbeats.attach(link.client, serverSide(link).descriptor);
          await untilBothAlive(heartbeats, link);

          return [link];
        });
      });
    },
  );
});

test('a closed heartbeat covers no new transports, even if an SDK has wrapped the device', async () => {
  await run(source, BOTH, async app => {
    const { device } = app;
    const closed = app.heartbeats as DeviceHeartbeat;
    const create = device.createSendTransport.bind(device);

    device.createSendTransport = options => create(options) as never;
    closed.close();

    const link = await app.createUsualLink('send');

    expect(closed.transports.size).toBe(0);
    expect(Object.hasOwn(link.client.handler, 'send')).toBe(false);
    await use(app, link);
    expect(serverSide(link).state).toBe('pending');

    return [];
  });
});

test('only the heartbeat that is enabled again covers new transports, even if an SDK has wrapped the device', async () => {
  await run(source, BOTH, async app => {
    const { device } = app;
    const closed = app.heartbeats as DeviceHeartbeat;
    const create = device.createRecvTransport.bind(device);

    device.createRecvTransport = options => create(options) as never;

    const heartbeats = enableAgain(app, { connectIdleAfter: 10 });
    const link = await app.createUsualLink('recv');

    await untilBothAlive(heartbeats, link);
    expect([closed.state, closed.transports.size, heartbeats.transports.size]).toEqual(['closed', 0, 1]);

    return [];
  });
});

test('a heartbeat enabled again leaves alone closed transports and transports whose own heartbeat was closed', async () => {
  await run(source, BOTH, async app => {
    const [gone, left, taken] = await Promise.all([
      app.createUsualLink('recv'),
      app.createUsualLink('recv'),
      app.createUsualLink('recv'),
    ]);

    await Promise.all([gone, left, taken].map(link => leaveIdle(app, link)));
    app.heartbeatOf(left).close();
    app.heartbeats?.close();
    gone.client.close();

    const heartbeats = enableAgain(app);

    expect([...heartbeats.transports.keys()]).toEqual([taken.client.id]);
    await untilBothAlive(heartbeats, taken);

    return [];
  });
});

test('a heartbeat enabled and closed ten times in a row is alive in the end', async () => {
  await run(source, BOTH, async app => {
    const link = await app.createUsualLink('send');

    await leaveIdle(app, link);

    let heartbeats = enableAgain(app);

    for (let time = 1; time < 10; time++) {
      heartbeats.close();
      heartbeats = enableHeartbeat(app.device);
    }

    await untilBothAlive(heartbeats, link);

    return [];
  });
});
