import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import type { App, ConnectListener, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { ending, expectUnnoticed, leaveIdle, Moment, outcome, run } from './unnoticed.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

const BOTH = { serverSide: true, clientSide: true };

const FIRST_OPERATIONS = [
  ['send', 'produce'],
  ['send', 'produceData'],
  ['recv', 'consume'],
  ['recv', 'consumeData'],
] as const;

type Operation = (typeof FIRST_OPERATIONS)[number][1];

const start = (app: App, link: Link, operation: Operation): Promise<unknown> => app[operation](link);

/** Ways to set a `connect` listener. */
const LISTENERS: Record<string, (app: App, link: Link) => void> = {
  'set by once()': (_app, { client, connect }) => client.once('connect', connect),
  'set after one that only logs': (app, { client, connect }) => {
    client.on('connect', () => app.seen.push('logged'));
    client.on('connect', connect);
  },
  'set before one that only logs': (app, { client, connect }) => {
    client.on('connect', connect);
    client.on('connect', () => app.seen.push('logged'));
  },
  'set, removed and set again': (_app, { client, connect }) => {
    client.on('connect', connect);
    client.off('connect', connect);
    client.on('connect', connect);
  },
  'set after one that is removed': (_app, { client, connect }) => {
    const other: ConnectListener = () => {};

    client.on('connect', other);
    client.on('connect', connect);
    client.off('connect', other);
  },
};

describe.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
  describe.each(FIRST_OPERATIONS)(
    'on a %s transport whose first operation is %s()',
    (direction, operation) => {
      test.each(Object.keys(LISTENERS))(
        'the application notices nothing if its connect listener is %s',
        async name => {
          const scenario = (idle: boolean) => async (app: App) => {
            const link = await app.createLink(direction);

            LISTENERS[name]?.(app, link);

            if (idle) {
              await leaveIdle(app, link);
            }

            await start(app, link, operation);
            // Before that, a second operation would fail if the first one used up the once() listener.
            await until(link.client, 'connectionstatechange', () => link.client.connectionState !== 'new');
            await start(app, link, operation);

            return [link];
          };

          await expectUnnoticed(source, scenario(false), { version });
          await expectUnnoticed(source, scenario(true), { version });
        },
      );

      test('the application notices nothing if it sets its connect listener after an operation has failed for lack of it', async () => {
        await expectUnnoticed(
          source,
          async app => {
            const link = await app.createLink(direction);

            await expect(start(app, link, operation)).rejects.toThrow('no "connect" listener');
            link.client.on('connect', link.connect);
            await start(app, link, operation);

            return [link];
          },
          { version },
        );
      });

      test('the application notices nothing if it sets its connect listener while the idle connect waits for one that only logs', async () => {
        await expectUnnoticed(
          source,
          async app => {
            const link = await app.createLink(direction);
            const asked = new Moment();

            link.client.on('connect', asked.come);

            if (app.heartbeats !== undefined) {
              await asked.promise;
            }

            link.client.on('connect', link.connect);
            await leaveIdle(app, link);
            await start(app, link, operation);

            return [link];
          },
          { version },
        );
      });

      test.each([
        [
          'throws',
          () => {
            throw new Error('thrown');
          },
        ],
        ['never answers', () => {}],
      ] as const)('the application notices nothing if its connect listener %s', async (_name, listener) => {
        const scenario = (idle: boolean) => async (app: App) => {
          const link = await app.createLink(direction);
          const asked = new Moment();

          link.client.on('connect', () => {
            asked.come();
            listener();
          });

          if (idle && app.heartbeats !== undefined) {
            await asked.promise;
          }

          const pending = start(app, link, operation);

          await app.begun;
          app.seen.push(`operation ${await outcome(pending)}`);
          link.client.close();
          app.seen.push(`operation ${await outcome(pending)}`);

          return [];
        };

        await expectUnnoticed(source, scenario(false), { version });
        await expectUnnoticed(source, scenario(true), { version });
      });

      test('the application notices nothing if its connect listener rejects', async () => {
        const scenario = (idle: boolean) => async (app: App) => {
          const link = await app.createLink(direction);
          const asked = new Moment();
          const unhandled = watchUnhandledRejections();

          link.client.on('connect', async () => {
            asked.come();
            throw new Error('rejected');
          });

          if (idle && app.heartbeats !== undefined) {
            await asked.promise;
          }

          const pending = start(app, link, operation);

          await app.begun;
          app.seen.push(`operation ${await outcome(pending)}`);
          link.client.close();
          app.seen.push(`operation ${await outcome(pending)}`);
          app.seen.push(...new Set(unhandled.stop()));

          return [];
        };

        await expectUnnoticed(source, scenario(false), { version });
        await expectUnnoticed(source, scenario(true), { version });
      });

      test('the application notices nothing if its connect listener fails while it is offline', async () => {
        await expectUnnoticed(source, offlineAtFirst(direction, operation, false), {
          version,
          // Natively each failed produceData() uses up a stream id. After the heartbeat's own call it does not.
          except: ['produceData()', 'send:producedata'],
        });
      });

      test('the application notices nothing if its connect listener fails while it is offline, for the idle transport as well', async () => {
        const scenario = offlineAtFirst(direction, operation, true);
        const setup = { version, serverSide: true, clientSide: true };

        // Natively a failed connect leaves a broken session behind, in which produce() and consumeData() fail for ever. After
        // the heartbeat's own call there is none.
        expect((await run(source, setup, scenario)).operation).toEqual([
          'operation failed',
          'operation failed',
          'operation succeeded',
          'operation succeeded',
        ]);
      });
    },
  );
});

test('an operation emits its own connect event if the answer for the idle transport was lost', async () => {
  await run(source, { serverSide: true, clientSide: true }, async app => {
    const link = await app.createLink('send');
    const asked = new Moment();

    link.client.once('connect', asked.come);
    await asked.promise;
    link.client.removeAllListeners('connect');
    link.client.on('connect', (...args) => asked.promise.then(() => link.connect(...args)));
    await app.produceData(link);

    return [link];
  });
});

test('a transport without a connect listener is left alone', async () => {
  await run(source, { serverSide: true, clientSide: true, connectIdleAfter: 0 }, async app => {
    const link = await app.createLink('recv');

    expect(await outcome(leaveIdle(app, link))).toBe('hangs');
    expect(link.client.connectionState).toBe('new');

    return [];
  });
});

test('an idle transport is left alone with { connectIdleAfter: false }', async () => {
  await run(source, { serverSide: true, clientSide: true, connectIdleAfter: false }, async app => {
    const link = await app.createUsualLink('recv');

    expect(await outcome(leaveIdle(app, link))).toBe('hangs');
    expect(app.seen).toEqual([]);

    return [];
  });
});

test.each<[string, ConnectListener]>([
  ['fails', (_event, _callback, errback) => errback(new Error('offline'))],
  [
    'throws',
    () => {
      throw new Error('thrown');
    },
  ],
])(
  'an idle transport whose connect listener %s once is tried again, and its reason says why meanwhile',
  async (_name, first) => {
    await run(source, BOTH, async app => {
      const link = await app.createLink('recv');
      const heartbeat = app.heartbeatOf(link);
      const told: unknown[] = [];
      let asked = 0;

      heartbeat.on('statechange', ({ state, reason }) => told.push([state, reason]));
      link.client.on('connect', (...args) => (asked++ === 0 ? first(...args) : link.connect(...args)));
      await leaveIdle(app, link);
      expect(asked).toBe(2);
      expect(told).toEqual([
        ['pending', 'not-connected'],
        ['alive', 'first-ping'],
      ]);

      return [link];
    });
  },
);

test('a heartbeat whose transport the application cannot connect is pending with the reason not-connected', async () => {
  await run(source, { ...BOTH, connectIdleAfter: false }, async app => {
    const link = await app.createLink('send');
    const heartbeat = app.heartbeatOf(link);

    link.client.once('connect', (_event, _callback, errback) => errback(new Error('offline')));
    await expect(app.produceData(link)).rejects.toThrow('offline');
    expect([heartbeat.state, heartbeat.reason]).toEqual(['pending', 'not-connected']);
    link.client.on('connect', (event, callback, errback) => {
      link.connect(event, callback, errback);
      untilState(heartbeat, 'alive').then(() => errback(new Error('too late')));
    });
    await app.produceData(link);
    await untilState(heartbeat, 'alive');
    await new Promise(resolve => heartbeat.once('sample', resolve));
    expect(heartbeat.state).toBe('alive');

    return [link];
  });
});

describe('an idle transport that cannot be connected', () => {
  /** Lets the first connect fail, on timers that the test advances. */
  async function refusing(app: App): Promise<{ link: Link; asked: () => number }> {
    const link = await app.createLink('recv');
    const refused = new Moment();
    let asked = 0;

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    link.client.on('connect', (_event, _callback, errback) => {
      asked++;
      errback(new Error('offline'));
      refused.come();
    });
    await vi.advanceTimersByTimeAsync(10);
    await refused.promise;

    return { link, asked: () => asked };
  }

  const LONG = 600_000;

  afterEach(() => {
    vi.useRealTimers();
  });

  test('an idle transport that cannot be connected is tried at growing intervals and given up in the end', async () => {
    await run(source, BOTH, async app => {
      const { link, asked } = await refusing(app);

      await vi.advanceTimersByTimeAsync(900);
      expect(asked()).toBe(1);
      await vi.advanceTimersByTimeAsync(2500);
      expect(asked()).toBe(3);
      await vi.advanceTimersByTimeAsync(LONG);
      expect(asked()).toBe(7);
      expect(app.heartbeatOf(link).reason).toBe('not-connected');

      return [];
    });
  });

  test.each<[string, (app: App, link: Link) => unknown]>([
    ['the application tries for itself', (app, link) => app.consumeData(link).catch(() => {})],
    ['the heartbeat is closed', (app, link) => app.heartbeatOf(link).close()],
    ['the transport is closed', (_app, link) => link.client.close()],
  ])('an idle transport that cannot be connected is left alone once %s', async (_name, end) => {
    await run(source, BOTH, async app => {
      const { link, asked } = await refusing(app);

      await end(app, link);

      const before = asked();

      await vi.advanceTimersByTimeAsync(LONG);
      expect(asked()).toBe(before);

      return [];
    });
  });
});

/** The first two operations find the application offline, the others do not. */
function offlineAtFirst(direction: 'send' | 'recv', operation: Operation, idle: boolean) {
  return async (app: App): Promise<Link[]> => {
    const link = await app.createLink(direction);
    const asked = new Moment();
    let online = false;

    link.client.on('connect', (event, callback, errback) => {
      asked.come();

      if (online) {
        link.connect(event, callback, errback);
      } else {
        errback(new Error('offline'));
      }
    });

    if (idle) {
      await asked.promise;
    }

    const tryOne = async () => app.seen.push(`operation ${await ending(start(app, link, operation))}`);

    await tryOne();
    await tryOne();
    online = true;
    await tryOne();
    await tryOne();

    return link.client.connectionState === 'new' ? [] : [link];
  };
}

/** Handles the unhandled rejections. Otherwise the test runner would fail the test. */
function watchUnhandledRejections(): { stop(): string[] } {
  const others = process.listeners('unhandledRejection');
  const messages: string[] = [];

  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', error => messages.push(`unhandled ${(error as Error).message}`));

  return {
    stop: () => {
      process.removeAllListeners('unhandledRejection');

      for (const listener of others) {
        process.on('unhandledRejection', listener);
      }

      return messages;
    },
  };
}
