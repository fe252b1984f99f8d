import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTransport, startRouter } from '../harness/server.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

/** Makes produceData() fail on the DirectTransports of a Router. No real worker refuses that. */
function refuseDirectProducers(): () => void {
  const createDirectTransport = router.createDirectTransport.bind(router);

  router.createDirectTransport = async options => {
    const direct = await createDirectTransport(options);

    direct.produceData = () => Promise.reject(new Error('refused'));

    return direct;
  };

  return () => delete (router as Partial<types.Router>).createDirectTransport;
}

/** An unused bridge is closed one turn of the event loop later. */
const bridgeClosed = () => new Promise(resolve => setImmediate(resolve));

it('a bridge that cannot be opened leaves no DirectTransport behind, and the next one is opened anew', async () => {
  const transports = await Promise.all([createTransport(router), createTransport(router)]);
  const restore = refuseDirectProducers();
  const attaching = await Promise.allSettled(transports.map(transport => attachHeartbeat(transport)));

  expect(attaching).toEqual([
    { status: 'rejected', reason: expect.objectContaining({ message: 'refused' }) },
    { status: 'rejected', reason: expect.objectContaining({ message: 'refused' }) },
  ]);
  expect((await router.dump()).transportIds).toHaveLength(2);

  restore();
  await Promise.all(transports.map(transport => attachHeartbeat(transport)));
  expect((await router.dump()).transportIds).toHaveLength(3);

  for (const transport of transports) {
    transport.close();
  }

  await bridgeClosed();
  expect((await router.dump()).transportIds).toEqual([]);
});

it('a bridge is not closed while somebody waits for it', async () => {
  const [first, second] = await Promise.all([createTransport(router), createTransport(router)]);
  const heartbeat = await attachHeartbeat(first);
  const attaching = attachHeartbeat(second);

  heartbeat.close();
  await attaching;
  expect((await router.dump()).transportIds).toHaveLength(3);
  first.close();
  second.close();
  await bridgeClosed();
  expect((await router.dump()).transportIds).toEqual([]);
});
