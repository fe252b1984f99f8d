import { GoodbyeCause } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { allowLog, readLog } from '../harness/mediasoupLog.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

type Pair = { transport: types.WebRtcTransport; heartbeat: Heartbeat; peer: WirePeer };

async function alivePair(on: types.Router, options = {}): Promise<Pair> {
  const transport = await createTransport(on);
  const heartbeat = await attachHeartbeat(transport, options);
  const peer = await new WirePeer({ transport, streamId: 0 }).connect();

  await untilState(heartbeat, 'alive');

  return { transport, heartbeat, peer };
}

/** Waits until the client learns that the server is gone. */
async function told({ changes, client }: WirePeer): Promise<string | undefined> {
  const heard = () => changes.at(-1)?.state !== 'alive';

  while (!heard()) {
    await Promise.race([
      new Promise(resolve => client.channel.addEventListener('message', resolve, { once: true })),
      new Promise(resolve => client.channel.addEventListener('close', resolve, { once: true })),
    ]);
  }

  return changes.at(-1)?.reason;
}

describe('mediasoup’s log has no line of ours', () => {
  it('no line of ours is in mediasoup’s log if a transport is closed and the client gets a goodbye', async () => {
    const { transport, peer } = await alivePair(router);

    transport.close();
    expect(await told(peer)).toBe('goodbye');
    expect(await readLog()).toEqual([]);
    peer.close();
  });

  it('no line of ours is in mediasoup’s log if closeOnDead closes the transport of a client that said goodbye', async () => {
    const { heartbeat, peer } = await alivePair(router, { closeOnDead: true });

    peer.depart(GoodbyeCause.PageClosing);
    await untilState(heartbeat, 'closed');
    expect(await readLog()).toEqual([]);
    peer.close();
  });

  it('no line of ours is in mediasoup’s log if a heartbeat is closed', async () => {
    const { transport, heartbeat, peer } = await alivePair(router);

    heartbeat.close();
    expect(await told(peer)).toBe('no-server-half');
    expect(await readLog()).toEqual([]);
    transport.close();
    peer.close();
  });

  it.each(['heartbeat', 'transport'] as const)(
    'no line of ours is in mediasoup’s log if a client switched its side off and the %s is closed then',
    async which => {
      const pair = await alivePair(router);

      pair.peer.depart(GoodbyeCause.HeartbeatOff);
      await untilState(pair.heartbeat, 'pending');
      pair.peer.client.channel.close();
      await new Promise(resolve => pair.peer.client.channel.addEventListener('close', resolve));
      await pair.transport.restartIce();
      pair[which].close();
      expect(await readLog()).toEqual([]);
      pair.transport.close();
      pair.peer.close();
    },
  );

  it('no line of ours is in mediasoup’s log if a Router with heartbeats is closed', async () => {
    const fresh = await worker.createRouter();
    const pairs = [await alivePair(fresh), await alivePair(fresh)];

    fresh.close();
    expect(await readLog()).toEqual([]);

    for (const { heartbeat, peer } of pairs) {
      expect(heartbeat.reason).toBe('router-closed');
      peer.close();
    }
  });

  it.each(['at once', 'after its transports'])(
    'no line of ours is in mediasoup’s log if a Worker is closed %s',
    async when => {
      const fresh = await startRouter();
      const pairs = [await alivePair(fresh.router), await alivePair(fresh.router)];

      if (when !== 'at once') {
        for (const { transport } of pairs) {
          transport.close();
        }
      }

      fresh.worker.close();
      // mediasoup's own answers to the closing of transports, and a pong that was on its way.
      expect((await readLog()).length).toBeLessThanOrEqual(pairs.length);
      allowLog(/broken pipe/, 'mediasoup closes the pipe before the worker has answered');

      for (const { peer } of pairs) {
        peer.close();
      }
    },
  );

  it('no line of ours is in mediasoup’s log if a WebRtcServer with heartbeats is closed', async () => {
    const webRtcServer = await worker.createWebRtcServer({
      listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
    });
    const transport = await router.createWebRtcTransport({ webRtcServer, enableSctp: true });
    const heartbeat = await attachHeartbeat(transport);
    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await untilState(heartbeat, 'alive');
    webRtcServer.close();
    expect(heartbeat).toMatchObject({ state: 'closed', reason: 'transport-closed' });
    expect(await readLog()).toEqual([]);
    peer.close();
  });

  it('no line of ours is in mediasoup’s log if the application produces data on the heartbeat’s stream', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);

    await transport.produceData({ sctpStreamParameters: { streamId: 0 } });

    const peer = new WirePeer({ transport, streamId: 0 });

    await peer.client.connect();
    await until(heartbeat, 'statechange', () => heartbeat.reason === 'stream-id-taken');
    expect(await readLog()).toEqual([]);
    transport.close();
    peer.close();
  });

  it('no line of ours is in mediasoup’s log if a transport or its Router is closed while the heartbeat is being attached or accepted', async () => {
    for (const step of [0, 1, 2, 3, 4]) {
      const fresh = await worker.createRouter();
      const transport = await createTransport(fresh);
      const { fingerprints } = transport.dtlsParameters;
      const attaching = attachHeartbeat(transport)
        .then(() =>
          transport.connect({
            dtlsParameters: {
              role: 'client',
              fingerprints,
              heartbeat: { version: 1 },
            } as types.DtlsParameters,
          }),
        )
        .catch(() => {});

      for (let i = 0; i < step; i++) {
        await fresh.dump();
      }

      (step % 2 === 0 ? transport : fresh).close();
      await attaching;
      fresh.close();
    }

    allowLog(/webRtcTransport.connect/, 'the application connects a transport that it has closed');
  });

  it('only one ping is in mediasoup’s log if a client closed its channel without a goodbye, and the client is pending then', async () => {
    const { transport, heartbeat, peer } = await alivePair(router, { interval: 100 });

    peer.client.channel.close();
    await untilState(heartbeat, 'pending');
    expect(heartbeat.reason).toBe('no-client-half');

    const lines = await readLog();

    expect(lines.filter(line => line.includes('request failed')).length).toBeLessThanOrEqual(2);
    allowLog(/not found \[method:dataConsumer.send\]/, 'the ping');
    heartbeat.close();
    transport.close();
    peer.close();
  });
});

it('closing a transport is synchronous and emits its events in the same order as without the heartbeat', async () => {
  const closing = async (attach: boolean): Promise<string[]> => {
    const transport = await createTransport(router);
    const seen: string[] = [];

    transport.observer.on('close', () => seen.push(`observer close, closed: ${transport.closed}`));

    if (attach) {
      await attachHeartbeat(transport);

      const peer = await new WirePeer({ transport, streamId: 0 }).connect();

      transport.observer.once('close', () => peer.close());
    }

    const dataProducer = await transport.produceData({ sctpStreamParameters: { streamId: 5 } });

    dataProducer.on('transportclose', () => seen.push('transportclose'));
    dataProducer.observer.on('close', () => seen.push('data producer close'));
    transport.on('@close', () => seen.push('@close'));
    transport.close();
    seen.push(`returned, closed: ${transport.closed}`);
    transport.close();

    return seen;
  };

  expect(await closing(true)).toEqual(await closing(false));
});
