import { enableHeartbeat, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overTheWire } from '../harness/overTheWire.ts';
import { createDevice } from '../harness/peer.ts';
import { createTransport } from '../harness/server.ts';
import { type Source, startSource } from './Source.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** A client transport with `{ advertise: false }`, and what its application gets to relay. */
async function create(sctpDescriptor: boolean, connectIdleAfter: number | false = 0) {
  const server = await createTransport(source.router);
  const heartbeat = await attachHeartbeat(server, { advertise: sctpDescriptor });
  const device = createDevice();
  const heartbeats = enableHeartbeat(device, { advertise: false, connectIdleAfter });

  await device.load({ routerRtpCapabilities: source.router.rtpCapabilities as types.RtpCapabilities });

  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = server;
  const client = device.createRecvTransport(
    overTheWire({
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
      sctpParameters,
    }) as types.TransportOptions,
  );
  const relayed = new Promise<types.DtlsParameters>(resolve => {
    client.on('connect', ({ dtlsParameters }) => resolve(overTheWire(dtlsParameters)));
  });

  return { server, client, heartbeat, heartbeats, relayed };
}

describe('a client side that does not advertise', () => {
  test('adds nothing to what the application relays, and returns its acceptance for JSON', async () => {
    const { server, client, heartbeat, heartbeats, relayed } = await create(false);
    const attached = heartbeats.attach(client, overTheWire(heartbeat.descriptor));

    expect(overTheWire(attached.acceptance)).toEqual({ version: 1 });
    expect(Object.keys(await relayed).sort()).toEqual(['fingerprints', 'role']);
    client.close();
    expect(attached.acceptance).toBeUndefined();
    server.close();
  });

  test('also takes the descriptor from sctpParameters', async () => {
    const { server, client, heartbeats, relayed } = await create(true);

    expect(heartbeats.transports.get(client.id)?.acceptance).toEqual({ version: 1 });
    expect(await relayed).not.toHaveProperty('heartbeat');
    client.close();
    server.close();
  });

  test('has no acceptance if the server offers nothing, or nothing that it can use', async () => {
    const { server, client, heartbeats } = await create(false, false);
    const own = heartbeats.transports.get(client.id) as TransportHeartbeat;

    expect([own.reason, own.acceptance]).toEqual(['no-server-half', undefined]);
    expect(
      heartbeats.attach(client, { versions: [99], streamId: 0, interval: 1000 }).acceptance,
    ).toBeUndefined();
    client.close();
    server.close();
  });

  test('leaves nothing behind when it is closed, unless its acceptance may have been passed on', async () => {
    const { server, client, heartbeat, heartbeats } = await create(false, false);
    const attached = heartbeats.attach(client, heartbeat.descriptor);
    const isWrapped = () => Object.hasOwn(client.handler, 'receiveDataChannel');

    attached.close();
    expect(isWrapped()).toBe(false);

    const again = heartbeats.attach(client, heartbeat.descriptor);

    expect(again.acceptance).toEqual({ version: 1 });
    again.close();
    // The server may wait for an answer by now: it will be told otherwise.
    expect(isWrapped()).toBe(true);
    client.close();
    server.close();
  });
});
