import { afterAll, beforeAll, describe, test } from 'vitest';
import type { App, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { expectUnnoticed, leaveIdle } from './unnoticed.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

// mediasoup-client's handlers for other browsers run on libwebrtc, too. They negotiate in different ways, and the
// heartbeat depends on that.
const HANDLERS = ['Chrome74', 'Firefox120', 'Safari12', 'ReactNative106'] as const;

describe.each(HANDLERS)('with the handler %s', handlerName => {
  describe.each([false, true])('on transports that were idle: %s', idle => {
    const create = async (app: App, direction: 'send' | 'recv'): Promise<Link> => {
      const link = await app.createUsualLink(direction);

      if (idle) {
        await leaveIdle(app, link);
      }

      return link;
    };

    test('the application notices nothing if it uses data before media', async () => {
      await expectUnnoticed(
        source,
        async app => {
          const send = await create(app, 'send');
          const recv = await create(app, 'recv');

          await app.sendMessage(await app.produceData(send));
          await app.produce(send);
          await app.receiveMessage(await app.consumeData(recv));
          await app.consume(recv);

          return [send, recv];
        },
        { handlerName },
      );
    });

    test('the application notices nothing if it uses media before data', async () => {
      await expectUnnoticed(
        source,
        async app => {
          const send = await create(app, 'send');
          const recv = await create(app, 'recv');

          await app.produce(send);
          await app.sendMessage(await app.produceData(send));
          await app.consume(recv);
          await app.receiveMessage(await app.consumeData(recv));

          return [send, recv];
        },
        { handlerName },
      );
    });
  });
});
