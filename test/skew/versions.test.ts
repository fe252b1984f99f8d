import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import * as protocol from '@mediasoup-heartbeat/protocol';
import { decodeFrame, encodeFrame, type Frame } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import wrtc from '@roamhq/wrtc';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../harness/events.ts';
import { startRouter } from '../harness/server.ts';
import { SimulatedPair, storyOf } from '../protocol/SimulatedPair.ts';
import { type Build, buildThatSpeaks } from './builds.ts';
import { Pair, type Setup } from './Pair.ts';

/** This build, one that also speaks an invented version 2, and one that speaks only version 2. */
const v1: Build = { ...protocol, attachHeartbeat, enableHeartbeat };
let v1and2: Build;
let v2: Build;
let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  v1and2 = await buildThatSpeaks(1, 2);
  v2 = await buildThatSpeaks(2);
  ({ worker, router } = await startRouter());
});

afterAll(() => worker.close());

async function open(server: Build, client: Build, direction: Setup['direction']): Promise<Pair> {
  return Pair.open(router, {
    direction,
    attach: server.attachHeartbeat,
    enable: client.enableHeartbeat,
    serverOptions: { interval: 200 },
  });
}

describe.each(['send', 'recv'] as const)('on a %s transport', direction => {
  it.each([
    ['1', '1 and 2', () => v1, () => v1and2, 1],
    ['1 and 2', '1', () => v1and2, () => v1, 1],
    ['1 and 2', '1 and 2', () => v1and2, () => v1and2, 2],
    ['1 and 2', '2', () => v1and2, () => v2, 2],
    ['2', '1 and 2', () => v2, () => v1and2, 2],
  ] as const)(
    '[HB-NEG-3] a server that speaks %s and a client that speaks %s agree on the highest version of both',
    async (_server, _client, server, client, version) => {
      const sent = vi.spyOn(wrtc.RTCDataChannel.prototype, 'send');
      const pair = await open(server(), client(), direction);

      expect(pair.server.descriptor.versions).toEqual([...server().SUPPORTED_VERSIONS]);
      expect(await pair.acceptance).toEqual({ version });
      await pair.both('alive');
      await pair.answers(5);
      expect(pair.said).toEqual({ server: ['alive: first-pong'], client: ['alive: first-ping'] });
      expect([pair.server.stats.malformed, pair.client.stats.malformed]).toEqual([0, 0]);
      expect(new Set(sent.mock.calls.map(([frame]) => (frame as unknown as Uint8Array)[0]))).toEqual(
        new Set([version]),
      );
      sent.mockRestore();
      pair.client.close();
      await until(pair.server, 'statechange', () => pair.server.reason === 'no-client-half');
      pair.close();
    },
  );

  it.each([
    ['1', '2', () => v1, () => v2],
    ['2', '1', () => v2, () => v1],
  ] as const)(
    '[HB-NEG-6] a server that speaks %s and a client that speaks %s leave each other alone, and say why',
    async (_server, _client, server, client) => {
      const pair = await open(server(), client(), direction);

      expect(pair.client).toMatchObject({ state: 'pending', reason: 'version-mismatch' });

      // Nobody connects it but the application.
      pair.peer[direction === 'send' ? 'produceData' : 'consumeData'](await dataFor(pair)).catch(() => {});
      expect(await pair.acceptance).toBeUndefined();
      await until(pair.server, 'statechange', () => pair.server.reason === 'no-client-half');
      await until(pair.transport.observer, 'sctpstatechange', () => pair.transport.sctpState === 'connected');
      expect(pair.server).toMatchObject({ state: 'pending', reason: 'no-client-half' });
      expect(pair.server.stats.sent).toBe(0);
      expect(pair.client.stats.sent).toBe(0);
      pair.close();
    },
  );
});

/** What a client is told to consume, where it consumes. */
async function dataFor({ transport }: Pair): Promise<never> {
  const direct = await router.createDirectTransport();
  const { id: dataProducerId } = await direct.produceData();
  const { id, sctpStreamParameters } = await transport.consumeData({ dataProducerId });

  return { id, dataProducerId, sctpStreamParameters } as never;
}

describe('frames of version 2 at a side that has agreed on version 1', () => {
  const ofVersion2: [string, Uint8Array][] = [
    ['with a body as in version 1', encodeFrame({ type: 'goodbye', cause: 1 }, 2)],
    ['with a body of another kind', Uint8Array.of(2, 0xa5, ...new TextEncoder().encode('hello'))],
    ['with an extension', Uint8Array.of(2, 0xd4, 0x72, 0x40)],
    ['with nothing after the version', Uint8Array.of(2)],
  ];

  it.each(ofVersion2)(
    '[HB-VER-1] frames of version 2 %s are dropped and counted, and nothing else happens',
    (_, frame) => {
      const pair = new SimulatedPair().connect();

      for (let i = 0; i < 3; i++) {
        pair.tellServer(frame);
        pair.tellClient(frame);
        pair.run(1000);
      }

      expect(pair.serverSide.stats(pair.now).malformed).toBe(3);
      expect(pair.clientSide.stats(pair.now).malformed).toBe(3);
      expect(pair.server.dropped.map(({ code }) => code)).toEqual(['version']);
      expect(pair.client.dropped.map(({ code }) => code)).toEqual(['version']);
      expect([storyOf(pair.server), storyOf(pair.client)]).toEqual([
        ['alive: first-pong'],
        ['alive: first-ping'],
      ]);
    },
  );

  it('[HB-VER-1] pongs of version 2 prove nothing and do not keep a client alive', () => {
    const pair = new SimulatedPair().connect();
    const { received } = pair.serverSide.stats(pair.now);

    pair.uplink.delay = () => undefined;
    pair.run(6000);

    const pings = pair.sentByServer.map(bytes => decodeFrame(bytes, 1)).filter(({ type }) => type === 'ping');

    for (const ping of pings) {
      const { seq, token } = ping as Extract<Frame, { type: 'ping' }>;

      pair.tellServer(encodeFrame({ type: 'pong', seq, token, hold: 0, seen: 0 }, 2));
    }

    expect(storyOf(pair.server).at(-1)).toBe('dead: missed-pings');
    expect(pair.serverSide.stats(pair.now).received).toBe(received);
  });

  it('[HB-VER-1] a ping of version 2 gets no pong', () => {
    const pair = new SimulatedPair().connect();
    const sent = pair.sentByClient.length;

    pair.tellClient(encodeFrame({ type: 'ping', seq: 9, token: 9, ack: 0, ackHold: 0, pongs: 0 }, 2));
    expect(pair.sentByClient).toHaveLength(sent);
  });
});

describe('a server that speaks 1 and 2, and whose client’s acceptance was stripped', () => {
  const open = () => {
    const bounds = v1and2.resolveDetectorOptions();
    const server = new v1and2.ServerEndpoint({
      bounds,
      detector: new v1and2.AdaptiveDetector(bounds, 'server'),
      firstPongTimeout: 15_000,
      frozenTimeout: 60_000,
      phase: 1000,
      random: () => 1,
      now: 0,
    });
    /** The version of the latest frame that it sent. */
    const speaks = () => {
      let version: number | undefined;

      for (let frame = server.pollTransmit(); frame !== undefined; frame = server.pollTransmit()) {
        version = frame[0];
      }

      return version;
    };

    server.accept(2, 0, true);
    server.connected(0);
    server.handleTimeout(0);

    return { server, speaks };
  };

  it.each([1, 2])(
    '[HB-NEG-3] a server whose client’s acceptance was stripped speaks version %i if the client’s first frame does',
    version => {
      const { server, speaks } = open();

      expect(speaks()).toBe(2);
      server.handleFrame(encodeFrame({ type: 'hello', instance: 1, hidden: 0 }, version), 10);
      server.handleTimeout(10);
      expect(speaks()).toBe(version);
      expect(server.stats(10).malformed).toBe(0);

      // From then on it is settled.
      server.handleFrame(encodeFrame({ type: 'hello', instance: 1, hidden: 0 }, 3 - version), 20);
      expect(server.stats(20).malformed).toBe(1);
    },
  );
});

describe('what a later build may add to version 1', () => {
  it('[HB-FRM-3] [HB-FRM-6] fields after the known ones are ignored, and frames of new types are counted', () => {
    const pair = new SimulatedPair().connect();
    const now = pair.now;

    // More invalid frames than the budget allows.
    for (let i = 0; i < 100; i++) {
      pair.tellServer(Uint8Array.of(1, 0x92, 8, 0));
      pair.tellClient(Uint8Array.of(1, 0x92, 8, 0));
    }

    pair.tellServer(Uint8Array.of(1, 0x94, 5, 1, 0xa1, 0x78, 0xc0));
    expect(pair.serverSide.stats(now).malformed).toBe(100);
    expect(pair.clientSide.stats(now).malformed).toBe(100);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'dead: goodbye']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-NEG-1] [HB-NEG-2] [HB-NEG-6] unknown fields of a descriptor or an acceptance are ignored', () => {
    const descriptor = { versions: [1, 2, 9], streamId: 3, interval: 500, encoding: 'cbor' };

    expect(v1.readDescriptor(descriptor)).toMatchObject({ ok: true, version: 1 });
    expect(v1and2.readDescriptor(descriptor)).toMatchObject({ ok: true, version: 2 });
    expect(v2.readDescriptor({ ...descriptor, versions: [1] })).toEqual({
      ok: false,
      reason: 'version-mismatch',
    });
    expect(v1.readAcceptance({ version: 1, encoding: 'cbor' })).toEqual({ ok: true, version: 1 });
    expect(v1.readAcceptance({ version: 2 })).toEqual({ ok: false, reason: 'version-mismatch' });
    expect(v1and2.readAcceptance({ version: 2 })).toEqual({ ok: true, version: 2 });
  });
});
