import { createWorker, type types } from 'mediasoup';
import { afterAll, beforeAll, expect, it } from 'vitest';

// The Worker is created before the server package is loaded, which therefore has not seen the Router.
let worker: types.Worker;
let router: types.Router;
let attachHeartbeat: typeof import('@mediasoup-heartbeat/server').attachHeartbeat;

const options: types.WebRtcTransportOptions = {
  listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
  enableSctp: true,
};

beforeAll(async () => {
  worker = await createWorker({ logLevel: 'error' });
  router = await worker.createRouter();
  ({ attachHeartbeat } = await import('@mediasoup-heartbeat/server'));
});
afterAll(() => worker.close());

it('a transport of an unknown Router is refused with an error that says how to fix it', async () => {
  const transport = await router.createWebRtcTransport(options);

  await expect(attachHeartbeat(transport)).rejects.toThrow(
    /Import @mediasoup-heartbeat\/server before the mediasoup Worker is created, or pass the Router/,
  );
});

it('a transport of an unknown Router is accepted with the router option', async () => {
  const transport = await router.createWebRtcTransport(options);
  const heartbeat = await attachHeartbeat(transport, { router });

  expect(heartbeat.descriptor).toEqual({ versions: [1], streamId: 0, interval: 1000 });
  worker.close();
  expect(heartbeat).toMatchObject({ state: 'closed', reason: 'router-closed' });
});
