import { Socket } from 'node:net';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { until } from '../harness/events.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

// What does not depend on the machine. `npm run bench` measures what does.

const PINGS = 10;

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

/** The socket that requests to the worker leave by. */
async function socketToWorker(): Promise<unknown> {
  const write = vi.spyOn(Socket.prototype, 'write');

  await router.dump();

  const [socket] = write.mock.contexts;

  write.mockRestore();

  return socket;
}

/** What all DataConsumers inherit from. */
async function dataConsumerPrototype(): Promise<types.DataConsumer> {
  const direct = await router.createDirectTransport();
  const consumer = await direct.consumeData({ dataProducerId: (await direct.produceData()).id });

  direct.close();

  return Object.getPrototypeOf(consumer);
}

it('a ping is one message to a DataConsumer and one write to the worker, and nothing else is asked of the worker', {
  timeout: 120_000,
}, async () => {
  const transport = await createTransport(router);
  const heartbeat = await attachHeartbeat(transport, { interval: 100 });
  const peer = await new WirePeer({ transport, streamId: 0 }).connect();
  const socket = await socketToWorker();
  const [getStats, dump] = [vi.spyOn(transport, 'getStats'), vi.spyOn(transport, 'dump')];
  const send = vi.spyOn(await dataConsumerPrototype(), 'send');
  const write = vi.spyOn(Socket.prototype, 'write');
  const sent = heartbeat.stats.sent;

  await until(heartbeat, 'sample', () => heartbeat.stats.sent >= sent + PINGS);

  const writes = write.mock.contexts.filter(context => context === socket).length;
  // On a busy machine an answer may be late, and the path is asked.
  const questions = getStats.mock.calls.length + dump.mock.calls.length;

  expect(writes - questions).toBe(send.mock.calls.length);
  // Every five seconds a report is sent as well.
  expect(send.mock.calls.filter(([message]) => (message as Buffer)[2] === 1)).toHaveLength(
    heartbeat.stats.sent - sent,
  );

  vi.restoreAllMocks();
  peer.close();
  transport.close();
});
