import { enableHeartbeat, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { createDevice } from '../harness/peer.ts';
import { createTransport } from '../harness/server.ts';
import { type Source, startSource } from './Source.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** A client transport with `{ advertise: false }`, and what its application has to relay. */
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

/** What arrives of a message where a schema knows each field (`additionalProperties: false`): an error for an unknown one. */
function validated<T extends object>(message: T, known: { [_ in keyof T]: string }): T {
  const arrived = overTheWire(message);

  for (const [field, fields] of Object.entries<string>(known)) {
    const unknown = Object.keys(arrived[field as keyof T] ?? {}).find(
      name => !fields.split(' ').includes(name),
    );

    if (unknown !== undefined) {
      throw new Error(`${field} must NOT have additional properties: ${unknown}`);
    }
  }

  return arrived;
}

describe.each(['send', 'recv'] as const)(
  'by signalling that rejects unknown fields, on a %s transport,',
  direction => {
    /** An application whose messages have fields of their own for the heartbeat, as in docs/guides/signalling.md. */
    async function start(advertise: boolean) {
      const server = await createTransport(source.router);
      const heartbeat = await attachHeartbeat(server, { advertise: false, vouch: false, interval: 100 });
      const device = createDevice();
      const heartbeats = enableHeartbeat(device, { advertise, connectIdleAfter: 0 });

      await device.load({ routerRtpCapabilities: source.router.rtpCapabilities as types.RtpCapabilities });

      const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = server;
      const { heartbeatDescriptor, ...options } = validated(
        {
          id,
          iceParameters,
          iceCandidates,
          dtlsParameters,
          sctpParameters,
          heartbeatDescriptor: heartbeat.descriptor,
        } as unknown as types.TransportOptions & { heartbeatDescriptor: unknown },
        {
          dtlsParameters: 'role fingerprints',
          sctpParameters: Object.keys((await createTransport(source.router)).sctpParameters ?? {}).join(' '),
          heartbeatDescriptor: 'versions streamId interval',
        } as never,
      );
      const client =
        direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
      const attached = heartbeats.attach(client, heartbeatDescriptor);
      const { acceptance } = attached;
      const rejected = new Promise<Error>(resolve => {
        client.on('connect', async ({ dtlsParameters }, callback, errback) => {
          try {
            const request = validated(
              { dtlsParameters, heartbeatAcceptance: acceptance },
              { dtlsParameters: 'role fingerprints', heartbeatAcceptance: 'version' },
            );

            heartbeat.accept(request.heartbeatAcceptance);
            await server.connect({ dtlsParameters: request.dtlsParameters as never });
            callback();
          } catch (error) {
            errback(error as Error);
            resolve(error as Error);
          }
        });
      });

      return { server, client, heartbeat, attached, rejected };
    }

    test('both sides are alive if the application passes on the acceptance', async () => {
      const { server, client, heartbeat, attached } = await start(false);

      await Promise.all([untilState(attached, 'alive'), untilState(heartbeat, 'alive')]);
      attached.close();
      await untilState(heartbeat, 'pending');
      expect(heartbeat.reason).toBe('no-client-half');
      client.close();
      server.close();
    });

    test('each connect fails if the client adds the acceptance to dtlsParameters', async () => {
      const { server, client, heartbeat, attached, rejected } = await start(true);

      expect((await rejected).message).toContain('must NOT have additional properties: heartbeat');
      await until(attached, 'statechange', () => attached.reason === 'not-connected');
      expect([attached.state, heartbeat.state]).toEqual(['pending', 'pending']);
      client.close();
      server.close();
    });
  },
);
