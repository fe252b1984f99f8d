import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GoodbyeCause } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat, type Evidence, type Heartbeat, type Stats } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loops } from '../../packages/server/src/loops.ts';
import { until, untilState } from '../harness/events.ts';
import { allowLog, LOGGING, logIn } from '../harness/mediasoupLog.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

async function alivePair(
  on: types.Router = router,
  options?: Parameters<typeof attachHeartbeat>[1],
): Promise<{ transport: types.WebRtcTransport; heartbeat: Heartbeat; peer: WirePeer }> {
  const transport = await createTransport(on);
  const heartbeat = await attachHeartbeat(transport, options);
  const peer = await new WirePeer({ transport, streamId: heartbeat.descriptor.streamId }).connect();

  await untilState(heartbeat, 'alive');

  return { transport, heartbeat, peer };
}

describe('what the application sees', () => {
  it('the application’s observers see no object of the heartbeat', async () => {
    const fresh = await worker.createRouter();
    const seen = vi.fn();

    fresh.observer.on('newtransport', transport => {
      seen(transport.type);
      transport.observer.on('newdataproducer', () => seen('newdataproducer'));
      transport.observer.on('newdataconsumer', () => seen('newdataconsumer'));
    });

    const { transport, peer } = await alivePair(fresh);

    expect(seen.mock.calls).toEqual([['webrtc']]);

    // Its observers see its own objects as usual.
    await transport.produceData({ sctpStreamParameters: { streamId: 9 } });
    expect(seen.mock.calls).toEqual([['webrtc'], ['newdataproducer']]);
    peer.close();
    fresh.close();
  });

  it('a listener that throws causes listenererror and disturbs nobody else', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const errors = vi.fn();

    heartbeat.on('listenererror', errors);
    heartbeat.on('statechange', () => {
      throw new Error('mine');
    });

    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await until(heartbeat, 'alive', () => heartbeat.state === 'alive');
    expect(errors).toHaveBeenCalledWith('statechange', expect.objectContaining({ message: 'mine' }));
    peer.close();
    transport.close();
  });

  it('changes are emitted in order, even if a listener causes the next one', async () => {
    const { transport, heartbeat, peer } = await alivePair();
    const told: string[] = [];

    for (const emitter of [heartbeat.observer, heartbeat]) {
      const by = emitter === heartbeat ? '' : 'observer ';

      emitter.on('statechange', ({ previous, state }) => {
        told.push(`${by}${previous} → ${state}`);

        if (state === 'dead') {
          transport.close();
        }
      });
      emitter.on('dead', () => told.push(`${by}dead`));
      emitter.on('close', () => told.push(`${by}close`));
    }

    peer.depart(GoodbyeCause.PageClosing);
    await until(heartbeat, 'close', () => heartbeat.closed);
    expect(told).toEqual([
      'observer alive → dead',
      'alive → dead',
      'observer dead',
      'dead',
      'observer dead → closed',
      'dead → closed',
      'observer close',
      'close',
    ]);
    peer.close();
  });

  it('stats are emitted to a listener that is added while the client is still pending', async () => {
    const transport = await createTransport(router);
    // Nothing else is due, with which they could come.
    const heartbeat = await attachHeartbeat(transport, { firstPongTimeout: 600_000 });

    for (const emitter of [heartbeat, heartbeat.observer]) {
      await new Promise(resolve => emitter.once('stats', resolve));
    }

    expect(heartbeat.state).toBe('pending');
    transport.close();
  });

  it('the observer gets the same events, a sample per answered ping, and stats that survive JSON', async () => {
    const { transport, heartbeat, peer } = await alivePair();
    const sample = await new Promise(resolve => heartbeat.observer.once('sample', resolve));

    expect(sample).toMatchObject({ rtt: expect.any(Number), hold: expect.any(Number), late: false });

    // A ping counts for the loss some seconds after it left.
    const stats = await new Promise<Stats>(resolve =>
      heartbeat.on('stats', figures => figures.loss.round !== undefined && resolve(figures)),
    );
    const evidence: Evidence = stats.evidence;

    expect(evidence.missed).toBe(0);
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
    expect(stats).toMatchObject({ loss: { round: 0 }, rtt: { min: expect.any(Number) }, hidden: false });
    peer.close();
    transport.close();
  });
});

describe('the end', () => {
  it('closing the heartbeat leaves the transport as it was and tells the client', async () => {
    const { transport, heartbeat, peer } = await alivePair();
    const closed = new Promise(resolve => peer.client.channel.addEventListener('close', resolve));
    const onClose = vi.fn();

    heartbeat.on('close', onClose);
    heartbeat.close();
    heartbeat.close();

    expect(heartbeat).toMatchObject({ state: 'closed', reason: 'heartbeat-closed', closed: true });
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(transport.sctpParameters).not.toHaveProperty('heartbeat');
    expect(Object.hasOwn(transport, 'connect')).toBe(false);
    expect(await transport.dump()).toMatchObject({ dataProducerIds: [], dataConsumerIds: [] });
    await closed;
    expect(peer.changes.at(-1)).toMatchObject({ state: 'pending', reason: 'no-server-half' });
    peer.close();
    transport.close();
  });

  it.each([
    ['the last of its Router', false],
    ['one of several', true],
  ])(
    'closing the heartbeat before SCTP is connected leaves its objects idle and hidden: %s',
    async (_, more) => {
      const fresh = await worker.createRouter();
      const other = await createTransport(fresh);
      const transport = await createTransport(fresh);
      const { fingerprints } = transport.dtlsParameters;
      const seen = vi.fn();

      if (more) {
        await attachHeartbeat(other);
      }

      const heartbeat = await attachHeartbeat(transport);

      transport.observer.on('newdataproducer', seen);
      await transport.connect({
        dtlsParameters: { role: 'client', fingerprints, heartbeat: { version: 1 } } as types.DtlsParameters,
      });
      heartbeat.close();
      // The worker answers in order: once for the request in flight, and once for the request that it causes.
      await transport.dump();
      await transport.dump();

      const { dataProducerIds, dataConsumerIds } = await transport.dump();

      // To close them now would be an error to mediasoup: there is no stream yet that could be reset.
      expect([dataProducerIds.length, dataConsumerIds.length]).toEqual([1, 1]);
      expect(seen).not.toHaveBeenCalled();
      expect(Object.hasOwn(transport.observer, 'safeEmit')).toBe(false);
      fresh.close();
    },
  );

  it('closing the heartbeat during a path probe ends it, and its loop', async () => {
    const { transport, heartbeat, peer } = await alivePair();
    const others = loops.size - 1;
    const bytesReceived = [1, 2];

    // The worker's own answer cannot be held back.
    transport.getStats = async () => {
      if (bytesReceived.length === 1) {
        heartbeat.close();
      }

      return [{ bytesReceived: bytesReceived.shift() }] as types.WebRtcTransportStat[];
    };
    peer.client.channel.onmessage = null;
    await untilState(heartbeat, 'closed');
    await new Promise(resolve => setImmediate(resolve));
    expect(bytesReceived).toEqual([]);
    expect(loops.size).toBe(others);
    peer.close();
    transport.close();
  });

  it('closing the last heartbeat of a Router closes their one DirectTransport', async () => {
    const fresh = await worker.createRouter();
    const transports = await Promise.all([
      createTransport(fresh),
      createTransport(fresh),
      createTransport(fresh),
    ]);
    const heartbeats = await Promise.all(transports.map(transport => attachHeartbeat(transport)));

    expect((await fresh.dump()).transportIds).toHaveLength(4);
    heartbeats[0]?.close();
    heartbeats[1]?.close();
    expect((await fresh.dump()).transportIds).toHaveLength(4);
    heartbeats[2]?.close();
    await new Promise(resolve => setImmediate(resolve));
    expect((await fresh.dump()).transportIds).toHaveLength(3);

    // And the next one opens it again.
    await attachHeartbeat(transports[0] as types.WebRtcTransport);
    expect((await fresh.dump()).transportIds).toHaveLength(4);
    fresh.close();
  });

  it('closing the transport ends the heartbeat with its reason', async () => {
    const { transport, heartbeat, peer } = await alivePair();

    transport.close();
    expect(heartbeat).toMatchObject({ state: 'closed', reason: 'transport-closed' });
    peer.close();
  });

  it('closing the Router ends the heartbeat with its reason', async () => {
    const fresh = await worker.createRouter();
    const { heartbeat, peer } = await alivePair(fresh);

    fresh.close();
    expect(heartbeat).toMatchObject({ state: 'closed', reason: 'router-closed' });
    peer.close();
  });

  it('killing the Worker ends the heartbeat with its reason, and nothing is rejected or thrown', async () => {
    const unhandled = vi.fn();
    const fresh = await startRouter();
    const { heartbeat, peer } = await alivePair(fresh.router);

    allowLog(/worker process died unexpectedly|write EPIPE|read ECONNRESET/, 'the test kills it');
    process.on('unhandledRejection', unhandled);
    process.kill(fresh.worker.pid, 'SIGKILL');
    await untilState(heartbeat, 'closed');
    expect(heartbeat.reason).toBe('worker-died');
    await new Promise(resolve => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
    peer.close();
  });

  it('an orderly DTLS or SCTP close makes the client dead at once', async () => {
    const { transport, heartbeat, peer } = await alivePair();

    peer.close();
    await untilState(heartbeat, 'dead');
    expect(['sctp-closed', 'dtls-closed']).toContain(heartbeat.reason);
    transport.close();
  });

  it('a goodbye of the page makes the client dead at once', async () => {
    const { transport, heartbeat, peer } = await alivePair();

    peer.depart(GoodbyeCause.PageClosing);
    await untilState(heartbeat, 'dead');
    expect(heartbeat.reason).toBe('goodbye');
    peer.close();
    transport.close();
  });

  it('a new heartbeat can be attached to the transport of a closed one', async () => {
    const transport = await createTransport(router);
    const first = await attachHeartbeat(transport);

    first.close();

    const second = await attachHeartbeat(transport, { interval: 500 });

    expect(second).not.toBe(first);
    expect(second.descriptor.interval).toBe(500);
    transport.close();
  });
});

describe('closeOnDead', () => {
  it('closeOnDead closes the transport of a dead client', async () => {
    const { transport, heartbeat, peer } = await alivePair(router, { closeOnDead: true });
    const dead = vi.fn();

    heartbeat.on('dead', dead);
    peer.depart(GoodbyeCause.PageClosing);
    await untilState(heartbeat, 'closed');
    expect(dead).toHaveBeenCalledTimes(1);
    expect(transport.closed).toBe(true);
    peer.close();
  });

  it.each([{ grace: 0 }, { grace: 100 }])(
    'closeOnDead %j does not close the transport if a listener closes the heartbeat on death',
    async closeOnDead => {
      const { transport, heartbeat, peer } = await alivePair(router, { closeOnDead });
      const closed = new Promise(resolve => heartbeat.once('close', resolve));

      heartbeat.once('statechange', () => heartbeat.close());
      peer.depart(GoodbyeCause.PageClosing);
      await closed;
      expect(heartbeat).toMatchObject({ state: 'closed', reason: 'heartbeat-closed' });

      const next = await attachHeartbeat(transport);

      // A second later: the grace is over by then.
      await new Promise(resolve => next.once('stats', resolve));
      expect(transport.closed).toBe(false);
      peer.close();
      transport.close();
    },
  );

  it('closeOnDead does not close the transport if a “dead” listener closes the heartbeat on a timeout', async () => {
    const transport = await createTransport(router);
    const { fingerprints } = transport.dtlsParameters;
    const heartbeat = await attachHeartbeat(transport, { firstPongTimeout: 1000, closeOnDead: true });
    const dead = new Promise(resolve => heartbeat.once('dead', resolve));

    heartbeat.once('statechange', () => heartbeat.close());
    heartbeat.on('stats', () => expect(heartbeat.closed).toBe(false));
    // Accepts, and never connects.
    await transport.connect({
      dtlsParameters: { role: 'client', fingerprints, heartbeat: { version: 1 } } as types.DtlsParameters,
    });
    await dead;
    expect(transport.closed).toBe(false);
    transport.close();
  });

  /** So that a page that hangs is dead after a moment. */
  const QUICK = { interval: 100, suspectAfter: 400, deadAfter: 1000, unresponsiveAfter: 1500 };

  it('closeOnDead is cancelled by a client that returns within the grace', async () => {
    const { transport, heartbeat, peer } = await alivePair(router, {
      ...QUICK,
      closeOnDead: { grace: 60_000 },
    });
    const { channel } = peer.client;
    const answer = channel.onmessage;

    channel.onmessage = null;
    await untilState(heartbeat, 'dead');
    channel.onmessage = answer;
    await untilState(heartbeat, 'alive');
    expect(heartbeat.reason).toBe('recovered');
    expect(transport.closed).toBe(false);
    peer.close();
    transport.close();
  });

  it('closeOnDead is cancelled by a client whose return waits behind an event loop that is blocked beyond the grace', async () => {
    const { transport, heartbeat, peer } = await alivePair(router, {
      ...QUICK,
      closeOnDead: { grace: 2000 },
    });
    const { channel } = peer.client;
    const answer = channel.onmessage;

    channel.onmessage = null;
    await untilState(heartbeat, 'dead');
    channel.onmessage = answer;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    await untilState(heartbeat, 'alive');
    expect(transport.closed).toBe(false);
    peer.close();
    transport.close();
  });

  it('closeOnDead closes the transport of a client at once that says goodbye, whatever the grace', async () => {
    const { transport, heartbeat, peer } = await alivePair(router, { closeOnDead: { grace: 3_600_000 } });
    const cleanup = new Promise(resolve => heartbeat.once('cleanup', resolve));

    peer.depart(GoodbyeCause.PageClosing);
    expect(await cleanup).toMatchObject({ transports: [transport], reason: 'goodbye' });
    expect(transport.closed).toBe(true);
    peer.close();
  });

  it('closeOnDead closes the transport of a client that stays away, although the event loop was blocked', async () => {
    const { transport, heartbeat, peer } = await alivePair(router, { closeOnDead: { grace: 100 } });

    peer.depart(GoodbyeCause.PageClosing);
    await untilState(heartbeat, 'dead');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect(transport.closed).toBe(false);
    await untilState(heartbeat, 'closed');
    expect(transport.closed).toBe(true);
    peer.close();
  });
});

describe('expectInterruption()', () => {
  it('expectInterruption() refuses a duration that is out of range or not a number', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);

    expect(() => heartbeat.expectInterruption(99)).toThrow(
      'duration must be a number from 100 to 120000 (ms), got 99',
    );
    expect(() => heartbeat.expectInterruption(Number.NaN)).toThrow(TypeError);
    expect(() => heartbeat.expectInterruption('5000' as unknown as number)).toThrow(
      "duration must be a number from 100 to 120000 (ms), got the string '5000'",
    );
    transport.close();
  });

  it('expectInterruption() tells the client, and restartIce() calls it by itself', async () => {
    const { transport, heartbeat, peer } = await alivePair();
    const announced = vi.fn();

    peer.client.channel.addEventListener('message', ({ data }) => announced(new Uint8Array(data)[2]));
    // Paused (6), resumed (7).
    const told = () => announced.mock.calls.flat().filter(type => type > 5);

    heartbeat.expectInterruption(5000)();
    await until(heartbeat, 'sample', () => told().length === 2);
    expect(told()).toEqual([6, 7]);
    await transport.restartIce();
    await until(heartbeat, 'sample', () => told().length === 3);
    expect(told()).toEqual([6, 7, 6]);
    // That of the restart goes on.
    heartbeat.expectInterruption(5000)();
    await until(heartbeat, 'sample', () => told().length === 4);
    expect(told()).toEqual([6, 7, 6, 6]);
    peer.close();
    transport.close();
  });
});

describe('the process', () => {
  it('a heartbeat does not keep the process running', async () => {
    const script = `
      import { attachHeartbeat } from '@mediasoup-heartbeat/server';
      import { createWorker } from 'mediasoup';

      const worker = await createWorker();
      const router = await worker.createRouter();
      const transport = await router.createWebRtcTransport({
        listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
        enableSctp: true,
      });

      (await attachHeartbeat(transport)).on('stats', () => {});
      // What keeps a mediasoup process alive is the Worker's subprocess and its pipes.
      for (const handle of process._getActiveHandles()) {
        handle.unref?.();
      }
      console.log('attached');
      process.on('exit', () => worker.close());
    `;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script],
      { timeout: 30_000, env: LOGGING },
    );

    expect(logIn(stderr)).toEqual([]);
    expect(stdout.trim()).toBe('attached');
  });
});
