import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { untilState } from '../harness/events.ts';
import type { App, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { expectUnnoticed, leaveIdle, Moment, run } from './unnoticed.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const BOTH = { serverSide: true, clientSide: true };

const OPERATIONS = {
  /** Each operation, with what follows once all of them are done. */
  produce: (app: App, link: Link) => app.produce(link).then(() => () => {}),
  produceData: (app: App, link: Link) => app.produceData(link).then(data => () => app.sendMessage(data)),
  consume: (app: App, link: Link) => app.consume(link).then(() => () => {}),
  consumeData: (app: App, link: Link) => app.consumeData(link).then(data => () => app.receiveMessage(data)),
};

type Name = keyof typeof OPERATIONS;

const ORDERS: Array<['send' | 'recv', Name[]]> = [
  ['send', ['produce']],
  ['send', ['produceData']],
  ['send', ['produce', 'produceData', 'produce']],
  ['send', ['produceData', 'produce', 'produceData']],
  ['send', ['produce', 'produce', 'produceData', 'produceData']],
  ['recv', ['consume']],
  ['recv', ['consumeData']],
  ['recv', ['consume', 'consumeData', 'consume']],
  ['recv', ['consumeData', 'consume', 'consumeData']],
  ['recv', ['consume', 'consume', 'consumeData', 'consumeData']],
];

const TIMINGS = {
  'one after another': async (app: App, link: Link, names: Name[]) => {
    for (const name of names) {
      const use = await OPERATIONS[name](app, link);

      await use();
    }
  },
  'all at once': async (app: App, link: Link, names: Name[]) => {
    for (const use of await Promise.all(names.map(name => OPERATIONS[name](app, link)))) {
      await use();
    }
  },
};

describe.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
  describe.each(Object.keys(TIMINGS) as Array<keyof typeof TIMINGS>)('%s', timing => {
    test.each(ORDERS)(
      'the application notices nothing on a new %s transport: %j',
      async (direction, names) => {
        await expectUnnoticed(
          source,
          async app => {
            const link = await app.createUsualLink(direction);

            await TIMINGS[timing](app, link, names);

            return [link];
          },
          { version },
        );
      },
    );

    test.each(ORDERS)(
      'the application notices nothing on a %s transport that was idle: %j',
      async (direction, names) => {
        await expectUnnoticed(
          source,
          async app => {
            const link = await app.createUsualLink(direction);

            await leaveIdle(app, link);
            await TIMINGS[timing](app, link, names);

            return [link];
          },
          { version },
        );
      },
    );
  });

  test('the application notices nothing on a transport that is being connected while idle', async () => {
    await expectUnnoticed(
      source,
      async app => {
        const link = await app.createLink('send');
        const asked = new Moment();

        link.client.on('connect', (event, callback, errback) => {
          asked.come();
          setTimeout(() => link.connect(event, callback, errback), 30);
        });

        if (app.heartbeats !== undefined) {
          await asked.promise;
        }

        await TIMINGS['all at once'](app, link, ['produceData', 'produce', 'produceData']);

        return [link];
      },
      { version },
    );
  });

  test('the application notices nothing if it uses both transports at once', async () => {
    await expectUnnoticed(
      source,
      async app => {
        const links = await Promise.all([app.createUsualLink('send'), app.createUsualLink('recv')]);

        await Promise.all([
          TIMINGS['all at once'](app, links[0], ['produce', 'produceData']),
          TIMINGS['all at once'](app, links[1], ['consume', 'consumeData']),
        ]);

        return links;
      },
      { version },
    );
  });
});

test('the application notices nothing if it uses a transport in a newtransport listener', async () => {
  const scenario = async (app: App) => {
    let operation: Promise<unknown> | undefined;
    let answer = (_link: Link) => {};
    const answered = new Promise<Link>(resolve => {
      answer = resolve;
    });

    app.device.observer.once('newtransport', transport => {
      transport.on('connect', (...args) => answered.then(link => link.connect(...args)));
      transport.on('producedata', (_data, callback) => callback({ id: 'early' }));
      operation = transport.produceData();
    });

    const link = await app.createLink('send');

    answer(link);
    await operation;

    return [link];
  };

  // The operation does not wait for the server here.
  await expectUnnoticed(source, scenario, { except: ['send:server:newdataproducer'] });
});

test.each([
  ['send', 'produce', 'send', 'sendDataChannel', ['connect', 'round', 'media', 'produce']],
  ['recv', 'consume', 'receive', 'receiveDataChannel', ['connect', 'round', 'media']],
] as const)(
  'the heartbeat renegotiates a %s transport whose first operation is %s() after its media have connected',
  async (direction, operation, media, open, first) => {
    await run(source, { ...BOTH, connectIdleAfter: false }, async app => {
      const seen: string[] = [];
      // A transport to get the handlers' class from, before the heartbeat has wrapped one.
      const spare = await app.createLink(direction);
      const handlers = Object.getPrototypeOf(spare.client.handler);
      const negotiate = handlers[media];

      vi.spyOn(handlers, media).mockImplementation(async function (this: unknown, ...args) {
        const negotiated = await negotiate.apply(this, args);

        seen.push('media');

        return negotiated;
      });

      const setLocalDescription = RTCPeerConnection.prototype.setLocalDescription;

      vi.spyOn(RTCPeerConnection.prototype, 'setLocalDescription').mockImplementation(function (
        this: RTCPeerConnection,
        ...args: unknown[]
      ) {
        seen.push('round');

        return Reflect.apply(setLocalDescription, this, args);
      });

      const openNative = handlers[open];

      vi.spyOn(handlers, open).mockImplementation(function (this: unknown, ...args) {
        seen.push('heartbeat');

        return openNative.apply(this, args);
      });

      const link = await app.createLink(direction);

      link.client.on('connect', (...args) => {
        seen.push('connect');
        link.connect(...args);
      });
      link.client.on('produce', () => seen.push('produce'));
      link.client.on('connectionstatechange', state => state === 'connected' && seen.push('connected'));
      await app[operation](link);
      await untilState(app.heartbeatOf(link), 'alive');
      expect(seen.filter(what => what !== 'connected')).toEqual([...first, 'heartbeat', 'round']);
      expect(seen.indexOf('connected')).toBeLessThan(seen.indexOf('heartbeat'));

      return [link];
    });
  },
);

test('nothing is left on the handler of a transport that was to be connected while operations were queued', async () => {
  await run(source, BOTH, async app => {
    const free = new Moment();

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

    const link = await app.createUsualLink('send');
    const { handler } = link.client;

    handler.restartIce = () => free.promise;

    const operations = [
      link.client.restartIce({ iceParameters: link.server.iceParameters }),
      app.produce(link),
    ];

    await vi.advanceTimersByTimeAsync(10);
    vi.useRealTimers();
    expect(Object.hasOwn(handler, 'updateIceServers')).toBe(true);
    free.come();
    await Promise.all(operations);
    await leaveIdle(app, link);
    await link.client.updateIceServers({ iceServers: [] });
    expect(Object.hasOwn(handler, 'updateIceServers')).toBe(false);

    return [link];
  });
});

test('both sides are alive after a first consume() that failed once the transport was connected', async () => {
  await run(source, BOTH, async app => {
    const link = await app.createUsualLink('recv');

    vi.spyOn(RTCPeerConnection.prototype, 'setLocalDescription').mockRejectedValueOnce(new Error('refused'));
    await expect(app.consume(link)).rejects.toThrow('refused');
    expect(app.seen).toContain('recv:connect');

    return [link];
  });
});
