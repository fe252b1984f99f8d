import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import type { App, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { ending, expectUnnoticed, leaveIdle, Moment, outcome, run } from './unnoticed.ts';

const BOTH = { serverSide: true, clientSide: true };

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** Restarts ICE on both sides, as an application does. */
async function restartIce(app: App, link: Link): Promise<void> {
  const iceParameters = await link.server.restartIce();

  await app.see('restartIce()', link.client.restartIce({ iceParameters }));
}

/** Lets messages or media flow, to see that the transport works. */
async function use(app: App, link: Link): Promise<void> {
  if (link.client.direction === 'send') {
    await app.sendMessage(await app.produceData(link));
  } else {
    await app.receiveMessage(await app.consumeData(link));
  }
}

/** A `connect` listener that answers when the test lets it. */
function gate(link: Link): { asked: Moment; open: Moment } {
  const gates = { asked: new Moment(), open: new Moment() };

  link.client.on('connect', async (...args) => {
    gates.asked.come();
    await gates.open.promise;
    link.connect(...args);
  });

  return gates;
}

describe.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
  describe.each(['send', 'recv'] as const)('on a %s transport', direction => {
    test('an ICE restart works before the transport is connected', async () => {
      await expectUnnoticed(
        source,
        async app => {
          const link = await app.createUsualLink(direction);

          await restartIce(app, link);
          await use(app, link);

          return [link];
        },
        { version },
      );
    });

    test('an ICE restart works while the idle transport is being connected', async () => {
      await expectUnnoticed(
        source,
        async app => {
          const link = await app.createLink(direction);
          const { asked, open } = gate(link);

          if (app.heartbeats !== undefined) {
            await asked.promise;
          }

          // It does not wait for the answer.
          await restartIce(app, link);
          await app.see('updateIceServers()', link.client.updateIceServers({ iceServers: [] }));
          open.come();
          await use(app, link);

          return [link];
        },
        { version },
      );
    });

    test('an ICE restart works while an idle transport waits for another try', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createLink(direction);
        const refused = new Moment();

        link.client.once('connect', (_event, _callback, errback) => {
          errback(new Error('offline'));
          refused.come();
        });
        await refused.promise;
        link.client.removeAllListeners('connect');
        link.client.on('connect', link.connect);
        await restartIce(app, link);
        await use(app, link);

        return [link];
      });
    });

    test('an ICE restart works after the transport was connected', async () => {
      await expectUnnoticed(
        source,
        async app => {
          const link = await app.createUsualLink(direction);

          await leaveIdle(app, link);
          await use(app, link);
          await restartIce(app, link);
          await use(app, link);

          return [link];
        },
        { version },
      );
    });

    test.each(['at once', 'after it was idle'])(
      'the application notices nothing if the client closes the transport during an operation, %s',
      async when => {
        await expectUnnoticed(
          source,
          async app => {
            const link = await app.createLink(direction);
            const { asked } = gate(link);

            if (when !== 'at once' && app.heartbeats !== undefined) {
              await asked.promise;
            }

            const operation = use(app, link);

            app.seen.push(`operation ${await outcome(operation)}`);
            link.client.close();
            app.seen.push(`operation ${await ending(operation)}`);

            return [];
          },
          { version },
        );
      },
    );

    test.each(['at once', 'after it was idle'])(
      'the application notices nothing if the server closes the transport during an operation, %s',
      async when => {
        allowLog(/webRtcTransport\.connect/, 'the application connects a transport that it has closed');
        await expectUnnoticed(
          source,
          async app => {
            const link = await app.createLink(direction);
            const { asked, open } = gate(link);

            if (when !== 'at once' && app.heartbeats !== undefined) {
              await asked.promise;
            }

            const operation = direction === 'send' ? app.produceData(link) : app.consumeData(link);

            app.seen.push(`operation ${await outcome(operation)}`);
            link.server.close();
            open.come();
            app.seen.push(`operation ${await ending(operation)}`);

            return [];
          },
          { version },
        );
      },
    );

    test('a transport that the client closes while it is being connected closes its heartbeat', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createLink(direction);
        const { asked, open } = gate(link);
        const heartbeat = app.heartbeatOf(link);

        await asked.promise;
        link.client.close();
        open.come();
        expect([heartbeat.state, heartbeat.reason]).toEqual(['closed', 'transport-closed']);
        expect(app.heartbeats?.transports.size).toBe(0);

        return [];
      });
    });

    test('a failed transport does not affect a new one of the same device', async () => {
      await expectUnnoticed(
        source,
        async app => {
          const failing = await app.createLink(direction);

          failing.client.on('connect', (_event, _callback, errback) => errback(new Error('offline')));
          await expect(use(app, failing)).rejects.toThrow('offline');
          failing.client.close();

          const link = await app.createUsualLink(direction);

          await use(app, link);

          return [link];
        },
        { version },
      );
    });

    test('a transport that the client closes is a goodbye to the server', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createUsualLink(direction);
        const { heartbeat } = link;

        await leaveIdle(app, link);
        await untilState(heartbeat as NonNullable<typeof heartbeat>, 'alive');
        link.client.close();
        await untilState(heartbeat as NonNullable<typeof heartbeat>, 'dead');
        expect(heartbeat?.reason).toBe('goodbye');

        return [];
      });
    });

    test('a transport that the server closes makes the server dead for the client', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createUsualLink(direction);
        const heartbeat = app.heartbeatOf(link);

        await leaveIdle(app, link);
        link.server.close();
        await untilState(heartbeat, 'dead');
        expect(['goodbye', 'channel-closed']).toContain(heartbeat.reason);

        return [];
      });
    });

    test('a heartbeat that the client closes is no death at the server', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createUsualLink(direction);
        const server = link.heartbeat as NonNullable<Link['heartbeat']>;

        await use(app, link);
        await leaveIdle(app, link);
        app.heartbeatOf(link).close();
        await until(server, 'statechange', () => server.reason === 'no-client-half');
        expect(server.state).toBe('pending');
        await use(app, link);

        return [];
      });
    });

    test.each(['an idle transport is being connected', 'an operation is connecting it'])(
      'a heartbeat that the client closes while %s is no death at the server',
      async when => {
        const idle = when.startsWith('an idle');

        await run(source, { ...BOTH, version, connectIdleAfter: idle ? 10 : false }, async app => {
          const link = await app.createLink(direction);
          const { asked, open } = gate(link);
          const server = link.heartbeat as NonNullable<Link['heartbeat']>;
          const operation = idle ? Promise.resolve() : use(app, link);

          await asked.promise;
          app.heartbeatOf(link).close();
          open.come();
          await operation;
          await until(server, 'statechange', () => server.reason === 'no-client-half');
          await use(app, link);

          return [];
        });
      },
    );
  });

  test.each([
    ['produce', 'produce'],
    ['produce', 'produceData'],
    ['produceData', 'produce'],
    ['produceData', 'produceData'],
  ] as const)(
    'the application notices nothing if the server refuses %s() and accepts %s()',
    async (refused, accepted) => {
      await expectUnnoticed(
        source,
        async app => {
          const link = await app.createUsualLink('send');

          app.refusing = true;
          await expect(app[refused](link)).rejects.toThrow('refused');
          app.refusing = false;
          // The session of the refused produce() is still being rolled back.
          await until(
            link.client,
            'connectionstatechange',
            () => link.client.connectionState === 'connected',
          );
          await app[accepted](link);

          return [link];
        },
        { version },
      );
    },
  );
});
