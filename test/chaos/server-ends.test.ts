import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loops } from '../../packages/server/src/loops.ts';
import { until, untilState } from '../harness/events.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { startRouter } from '../harness/server.ts';
import { Call } from './Call.ts';
import { expectNothingLeft } from './leftovers.ts';
import { SctpRefuser } from './SctpRefuser.ts';

let neighbourhood: { worker: types.Worker; router: types.Router };
/** A client that is not affected. */
let neighbour: Call;
const unhandled = vi.fn();

beforeAll(async () => {
  neighbourhood = await startRouter();
  neighbour = await Call.begin(neighbourhood.router, { server: { interval: 200 } });
});

afterAll(async () => {
  Call.endAll();
  await expectNothingLeft(neighbourhood.router);
  neighbourhood.worker.close();
});

beforeEach(() => {
  process.on('unhandledRejection', unhandled);
});

afterEach(async () => {
  await neighbour.pings(2);
  process.off('unhandledRejection', unhandled);
  neighbour.expectSaid([], []);
  expect([neighbour.server.stats.lost, neighbour.server.stats.malformed]).toEqual([0, 0]);
  expect(unhandled).not.toHaveBeenCalled();
  // Only the loop of the other client is left.
  expect(loops.size).toBe(1);
});

describe('an end at the server', () => {
  it('a worker killed by SIGKILL closes the heartbeat at once, and the client finds the server dead by missed pings', async () => {
    const { worker, router } = await startRouter();
    const calls = await Promise.all([Call.begin(router), Call.begin(router)]);
    const late = await router.createWebRtcTransport({
      listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
      enableSctp: true,
    });

    allowLog(/worker process died unexpectedly|write EPIPE|read ECONNRESET/, 'the test kills it');
    process.kill(worker.pid, 'SIGKILL');
    // Not noticed yet: requests to the dead worker are rejected, and nothing else happens.
    await expect(attachHeartbeat(late)).rejects.toThrow();
    await Promise.all(calls.map(({ server }) => untilState(server, 'closed')));
    await Promise.all(calls.map(({ client }) => untilState(client, 'dead')));

    for (const call of calls) {
      expect(call.said).toEqual({
        server: ['closed: worker-died'],
        client: ['suspect: missed-pings', 'dead: missed-pings'],
      });
      call.end();
    }
  });

  it('a closed Router closes the heartbeat and makes the server dead for the client at once', async () => {
    const { worker, router } = neighbourhood;
    const other = await worker.createRouter();
    const call = await Call.begin(other);

    other.close();
    await untilState(call.client, 'dead');
    expect(call.said.server).toEqual(['closed: router-closed']);
    expect(['dead: channel-closed', 'dead: goodbye']).toContain(call.said.client.at(-1));
    expect((await worker.dump()).routerIds).toEqual([router.id]);
    call.end();
  });

  it('a closed transport closes the heartbeat and makes the server dead for this client only, at once', async () => {
    const { router } = neighbourhood;
    const before = await router.dump();
    const call = await Call.begin(router);

    call.transport.close();
    await untilState(call.client, 'dead');
    expect(call.said.server).toEqual(['closed: transport-closed']);
    expect(call.said.client.at(-1)).toBe('dead: goodbye');
    expect(await router.dump()).toEqual(before);
    call.end();
  });

  it('a closed heartbeat is no death for the client, which goes back to waiting', async () => {
    const { router } = neighbourhood;
    const before = await router.dump();
    const call = await Call.begin(router);

    call.server.close();
    await until(call.client, 'statechange', () => call.client.reason === 'no-server-half');
    call.expectSaid(['closed: heartbeat-closed'], ['pending: no-server-half']);
    expect(await call.transport.dump()).toMatchObject({ dataProducerIds: [], dataConsumerIds: [] });
    call.end();
    expect(await router.dump()).toEqual(before);
  });
});

it('a failed SCTP association makes the client dead at once, and closing the transport leaves nothing', async () => {
  const { router } = neighbourhood;
  const before = await router.dump();
  const refuser = await SctpRefuser.open();
  const transport = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    enableSctp: true,
  });
  const heartbeat = await attachHeartbeat(transport, { advertise: false });

  await transport.connect({ ip: '127.0.0.1', port: refuser.port });
  await untilState(heartbeat, 'dead');
  expect(transport.sctpState).toBe('failed');
  expect(heartbeat.reason).toBe('sctp-failed');
  transport.close();
  expect(heartbeat.state).toBe('closed');
  expect(transport.observer.listenerCount('sctpstatechange')).toBe(0);
  expect(await router.dump()).toEqual(before);
  refuser.close();
});
