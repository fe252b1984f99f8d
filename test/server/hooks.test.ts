import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { untilState } from '../harness/events.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

/** Wraps a method by assigning to it, as applications and their instrumentation do. */
function wrap(transport: types.WebRtcTransport, name: 'connect' | 'restartIce'): ReturnType<typeof vi.fn> {
  const called = vi.fn();
  const original = transport[name] as (...args: unknown[]) => Promise<unknown>;

  (transport as unknown as Record<string, unknown>)[name] = function (this: unknown, ...args: unknown[]) {
    called();

    return original.apply(this, args);
  };

  return called;
}

describe('an application that wraps the methods of its transport', () => {
  it('wrappers that the application adds later are called, like the heartbeat, and outlive it', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const connect = wrap(transport, 'connect');
    const restartIce = wrap(transport, 'restartIce');
    const wrapped = { connect: transport.connect, restartIce: transport.restartIce };
    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await untilState(heartbeat, 'alive');
    expect(connect).toHaveBeenCalledTimes(1);
    heartbeat.close();
    expect(transport).toMatchObject(wrapped);
    await expect(transport.restartIce()).resolves.toHaveProperty('usernameFragment');
    expect(restartIce).toHaveBeenCalledTimes(1);
    peer.close();
    transport.close();
  });

  it('wrappers that the application added before are back after the heartbeat', async () => {
    const transport = await createTransport(router);
    const connect = wrap(transport, 'connect');
    const wrapped = Object.getOwnPropertyDescriptor(transport, 'connect');
    const heartbeat = await attachHeartbeat(transport);
    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await untilState(heartbeat, 'alive');
    expect(connect).toHaveBeenCalledTimes(1);
    heartbeat.close();
    expect(Object.getOwnPropertyDescriptor(transport, 'connect')).toEqual(wrapped);
    peer.close();
    transport.close();
  });
});

describe('the objects of mediasoup', () => {
  const added = (before: types.WebRtcTransport, after: types.WebRtcTransport) =>
    Object.keys(after).filter(key => !Object.keys(before).includes(key));

  it('mediasoup’s objects get no enumerable property, and have none left after the heartbeat', async () => {
    const fresh = await worker.createRouter();
    const [plain, transport] = await Promise.all([createTransport(fresh), createTransport(fresh)]);
    const attaching = attachHeartbeat(transport);

    for (const { observer } of [fresh, transport]) {
      expect(Object.keys(observer)).toEqual(Object.keys(plain.observer));
    }

    const heartbeat = await attaching;

    expect(added(plain, transport)).toEqual([]);
    heartbeat.close();

    for (const name of ['close', 'connect', 'consumeData', 'restartIce', 'sctpParameters']) {
      expect(Object.hasOwn(transport, name), name).toBe(false);
    }

    for (const { observer } of [fresh, transport]) {
      expect(Object.hasOwn(observer, 'safeEmit')).toBe(false);
    }

    fresh.close();
  });
});
