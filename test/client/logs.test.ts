import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readDebugLog } from '../harness/debugLog.ts';
import { until, untilState } from '../harness/events.ts';
import type { App, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { leaveIdle, Moment, run } from './unnoticed.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

const BOTH = { serverSide: true, clientSide: true };
const NEGOTIATION = 'mediasoup-heartbeat:client:negotiation';

/** What was logged of a transport, without what stands before it. */
function stepsOf(lines: string[], { client }: Link): string[] {
  return lines
    .filter(line => line.startsWith(`${NEGOTIATION} ${client.id} `))
    .map(line => line.slice(`${NEGOTIATION} ${client.id} `.length));
}

/** Waits until the connection of a transport is up. */
async function connected({ client }: Link): Promise<void> {
  await until(client, 'connectionstatechange', () => client.connectionState === 'connected');
}

// First: later in this file the server has offered the heartbeat.
test('a client without a descriptor of the server is warned of: once on the console, and each time in the log', async () => {
  const lines = readDebugLog('mediasoup-heartbeat:WARN*');

  await run(source, { serverSide: false, clientSide: true }, async app => {
    const send = await app.createUsualLink('send');
    const recv = await app.createUsualLink('recv');

    await app.produce(send);
    await app.consume(recv);
    await connected(send);
    await connected(recv);

    const onConsole = lines.filter(line => !line.startsWith('mediasoup-heartbeat:WARN'));
    const logged = lines.filter(line => line.startsWith('mediasoup-heartbeat:WARN:client'));

    expect(onConsole).toEqual([
      expect.stringMatching(/^mediasoup-heartbeat: .*await attachHeartbeat\(transport\) before you send/),
    ]);
    expect(logged).toEqual([
      expect.stringContaining(send.client.id),
      expect.stringContaining(recv.client.id),
    ]);

    return [send, recv];
  });
});

test('no client is warned of a missing descriptor if the application attached by hand before it connected', async () => {
  const lines = readDebugLog('mediasoup-heartbeat:WARN*');

  await run(source, { serverSide: false, clientSide: true }, async app => {
    const link = await app.createUsualLink('send');
    const descriptor = { versions: [1], streamId: 0, interval: 1000 };

    enableHeartbeat(app.device).attach(link.client, descriptor);
    await app.produce(link);
    await connected(link);
    expect(lines).toEqual([]);

    return [link];
  });
});

describe('the log of the client', () => {
  test('tells each step of a negotiation that goes along with the first operation', async () => {
    const lines = readDebugLog(NEGOTIATION);

    await run(source, { ...BOTH, connectIdleAfter: false }, async app => {
      const link = await app.createUsualLink('send');

      await app.produce(link);
      await untilState(app.heartbeatOf(link), 'alive');

      expect(stepsOf(lines, link)).toEqual([
        'descriptor read: {"versions":[1],"streamId":0,"interval":100}, accepted',
        'the application calls send()',
        'acceptance given with the DTLS parameters: {"version":1}',
        'connected by the application',
        'asks for a channel on stream 0',
        'channel made on stream 0',
        'channel open',
      ]);

      return [link];
    });
  });

  test('tells how the connection of an idle transport is asked for, and what comes of it', async () => {
    const lines = readDebugLog(NEGOTIATION);

    await run(source, BOTH, async app => {
      const link = await app.createUsualLink('recv');

      await leaveIdle(app, link);

      expect(stepsOf(lines, link)).toEqual([
        'descriptor read: {"versions":[1],"streamId":0,"interval":100}, accepted',
        'asks for a channel on stream 0',
        'acceptance given with the DTLS parameters: {"version":1}',
        'idle: the application is asked to connect',
        'idle: the answer is granted',
        'channel made on stream 0',
        'channel open',
      ]);

      return [link];
    });
  });

  test('tells that the application refused to connect an idle transport, and when it is asked again', async () => {
    const lines = readDebugLog(NEGOTIATION);

    await run(source, BOTH, async (app: App) => {
      const link = await app.createLink('recv');
      const refused = new Moment();

      link.client.on('connect', (_parameters, _callback, errback) => {
        errback(new Error('not now'));
        refused.come();
      });
      await refused.promise;
      await until(
        app.heartbeatOf(link),
        'statechange',
        () => app.heartbeatOf(link).reason === 'not-connected',
      );

      expect(stepsOf(lines, link).slice(-2)).toEqual([
        'idle: the answer is refused',
        'idle: asked again in 1000 ms',
      ]);

      return [];
    });
  });

  test('tells each change of the state with its evidence, and each dropped frame with its cause', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:client:state,mediasoup-heartbeat:client:dropped');

    await run(source, BOTH, async app => {
      const link = await app.createUsualLink('send');

      await app.produce(link);

      const heartbeat = app.heartbeatOf(link);

      await untilState(heartbeat, 'alive');
      expect(lines).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `^mediasoup-heartbeat:client:state ${link.client.id} pending → alive \\(first-ping\\), ` +
              'silent for 0 ms, \\{"missed":0,"deadline":[\\d.]+,"suspicion":0,"path":"unknown"\\}$',
          ),
        ),
      );

      for (let frames = 0; frames < 2; frames++) {
        heartbeat.feed((endpoint, at) => endpoint.handleFrame(new Uint8Array(65), at));
      }

      const dropped = lines.filter(line => line.startsWith('mediasoup-heartbeat:client:dropped'));

      expect(dropped).toHaveLength(2);
      expect(dropped[1]).toContain(`${link.client.id} received, not used: FrameError: `);

      return [link];
    });
  });

  test('is not written while it is off', async () => {
    const written = vi.spyOn(console, 'info').mockImplementation(() => {});

    await run(source, BOTH, async app => {
      const link = await app.createUsualLink('send');

      await app.produce(link);

      return [link];
    });
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });
});
