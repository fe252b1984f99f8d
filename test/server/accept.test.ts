import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { createDevice } from '../harness/peer.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

const MANUAL = { advertise: false, vouch: false } as const;

/** The fields that an application's signalling knows: mediasoup's own. */
const SCHEMA: Record<'sctpParameters' | 'dtlsParameters', readonly string[]> = {
  sctpParameters: [],
  dtlsParameters: ['role', 'fingerprints'],
};

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());

  const transport = await createTransport(router);

  SCHEMA.sctpParameters = Object.keys(transport.sctpParameters as object);
  transport.close();
});
afterAll(() => worker.close());

/** Signalling that rejects unknown fields. */
function strictly<T extends object>(kind: keyof typeof SCHEMA, value: T): T {
  const unknown = Object.keys(value).find(field => !SCHEMA[kind]?.includes(field));

  if (unknown !== undefined) {
    throw new Error(`${kind} must not have additional properties: ${unknown}`);
  }

  return overTheWire(value);
}

/** Signalling that strips unknown fields. */
function stripped<T extends object>(kind: keyof typeof SCHEMA, value: T): T {
  const known = Object.entries(value).filter(([field]) => SCHEMA[kind]?.includes(field));

  return Object.fromEntries(known) as T;
}

async function manual(options = {}): Promise<{ transport: types.WebRtcTransport; heartbeat: Heartbeat }> {
  const transport = await createTransport(router);

  return { transport, heartbeat: await attachHeartbeat(transport, { ...MANUAL, ...options }) };
}

/** A client whose `connect()` carries no acceptance. */
function peerOf(transport: types.WebRtcTransport): WirePeer {
  const { connect } = transport;
  const peer = new WirePeer({ transport, streamId: 0 });

  transport.connect = params => connect.call(transport, stripDtls(params));

  return peer;
}

function stripDtls({ dtlsParameters }: { dtlsParameters: types.DtlsParameters }): {
  dtlsParameters: types.DtlsParameters;
} {
  return { dtlsParameters: strictly('dtlsParameters', stripped('dtlsParameters', dtlsParameters)) };
}

describe('with signalling that rejects unknown fields', () => {
  it('the heartbeat adds nothing to any object and starts with accept() before the client connects', async () => {
    const { transport, heartbeat } = await manual();

    expect(strictly('sctpParameters', transport.sctpParameters as object)).not.toHaveProperty('heartbeat');

    const peer = peerOf(transport);

    expect(heartbeat.accept(overTheWire({ version: 1 }))).toBe(true);
    // Repeatedly.
    expect(heartbeat.accept({ version: 1 })).toBe(true);
    expect(heartbeat.reason).toBe('new');
    await peer.connect();
    await untilState(heartbeat, 'alive');
    expect(heartbeat.accept({ version: 1 })).toBe(true);
    transport.close();
    peer.close();
  });

  it('the heartbeat also starts with accept() after the client has connected', async () => {
    const { transport, heartbeat } = await manual();
    const peer = peerOf(transport);

    await peer.client.connect();
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    expect((await transport.dump()).dataProducerIds).toEqual([]);
    expect(heartbeat.accept({ version: 1 })).toBe(true);
    await untilState(heartbeat, 'alive');
    transport.close();
    peer.close();
  });

  it('a client that never accepts is not judged: no-client-half', async () => {
    const { transport, heartbeat } = await manual({ firstPongTimeout: 1000 });
    const peer = peerOf(transport);

    await peer.client.connect();
    await until(transport.observer, 'sctpstatechange', () => transport.sctpState === 'connected');
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    expect(heartbeat.stats.sent).toBe(0);
    transport.close();
    peer.close();
  });

  it('connect() fails if the application passes the fields all the same', async () => {
    const transport = await createTransport(router);

    await attachHeartbeat(transport);
    expect(() => strictly('sctpParameters', transport.sctpParameters as object)).toThrow('heartbeat');
    expect(() => strictly('dtlsParameters', { heartbeat: { version: 1 } })).toThrow('heartbeat');
    transport.close();
  });
});

describe('both sides with signalling that rejects unknown fields', () => {
  it.each(['send', 'recv'] as const)(
    'both sides are alive on a %s transport if the application carries descriptor and acceptance itself',
    async direction => {
      const { transport, heartbeat } = await manual();
      const device = createDevice();
      const heartbeats = enableHeartbeat(device, { advertise: false, connectIdleAfter: 0 });

      await device.load({ routerRtpCapabilities: router.rtpCapabilities as client.RtpCapabilities });

      // What the server sends: the transport's parameters, and the descriptor beside them.
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      const sctpParameters = strictly('sctpParameters', transport.sctpParameters as object);
      const parameters = overTheWire({ id, iceParameters, iceCandidates, dtlsParameters, sctpParameters });
      const descriptor = overTheWire(heartbeat.descriptor);
      const peer =
        direction === 'send'
          ? device.createSendTransport(parameters as client.TransportOptions)
          : device.createRecvTransport(parameters as client.TransportOptions);
      const attached = heartbeats.attach(peer, descriptor);

      // What the client sends: its DTLS parameters, and the acceptance beside them.
      peer.on('connect', (event, callback, errback) => {
        const acceptance = overTheWire(attached.acceptance);
        const strict = strictly('dtlsParameters', event.dtlsParameters) as types.DtlsParameters;

        heartbeat.accept(acceptance);
        transport.connect({ dtlsParameters: strict }).then(callback, errback);
      });
      await Promise.all([untilState(heartbeat, 'alive'), untilState(attached, 'alive')]);
      transport.close();
      await untilState(attached, 'dead');
      expect(attached.reason).toBe('goodbye');
      peer.close();
    },
  );
});

describe('with signalling that strips unknown fields', () => {
  it('a client whose acceptance is stripped is not judged: no-client-half', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const peer = peerOf(transport);

    await peer.client.connect();
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    // It can be handed over all the same.
    expect(heartbeat.accept({ version: 1 })).toBe(true);
    await untilState(heartbeat, 'alive');
    transport.close();
    peer.close();
  });

  it('an acceptance that comes after the application has taken the stream gets the reason stream-id-taken', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const peer = peerOf(transport);
    const direct = await router.createDirectTransport();

    await peer.client.connect();

    const { id } = await direct.produceData();
    const dataConsumer = await transport.consumeData({ dataProducerId: id });

    expect(dataConsumer.sctpStreamParameters?.streamId).toBe(0);
    heartbeat.accept({ version: 1 });
    await until(heartbeat, 'statechange', () => heartbeat.reason === 'stream-id-taken');
    expect(heartbeat.state).toBe('pending');
    heartbeat.close();
    expect(dataConsumer.closed).toBe(false);
    expect((await transport.dump()).dataConsumerIds).toEqual([dataConsumer.id]);
    transport.close();
    peer.close();
    direct.close();
  });

  it('a client that the application vouches for is judged, even if the descriptor is advertised', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport, { vouch: true });
    const peer = peerOf(transport);

    expect(transport.sctpParameters).toHaveProperty('heartbeat');
    await peer.connect();
    await untilState(heartbeat, 'alive');
    transport.close();
    peer.close();
  });
});

describe('accept()', () => {
  it.each(['yes', 1, true, {}, [], { version: '1' }, { version: 0 }, { version: 1.5 }])(
    'accept() refuses %j and says what it takes',
    async acceptance => {
      const { transport, heartbeat } = await manual();

      expect(() => heartbeat.accept(acceptance)).toThrow(TypeError);
      expect(() => heartbeat.accept(acceptance)).toThrow('attach(transport, descriptor).acceptance');
      transport.close();
    },
  );

  it.each([undefined, null])('accept() takes %s from a client without the heartbeat', async acceptance => {
    const { transport, heartbeat } = await manual();

    expect(heartbeat.accept(acceptance)).toBe(false);
    expect(heartbeat.accept({ version: 1 })).toBe(true);
    expect(heartbeat.accept(acceptance)).toBe(true);
    transport.close();
  });

  it('accept() of a version that was not offered is a version mismatch, whenever it comes', async () => {
    const { transport, heartbeat } = await manual();
    const peer = peerOf(transport);

    expect(heartbeat.accept({ version: 2 })).toBe(false);
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'version-mismatch' });
    await peer.client.connect();
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'version-mismatch' });
    expect((await transport.dump()).dataProducerIds).toEqual([]);
    transport.close();
    peer.close();
  });

  it('accept() after the end changes nothing', async () => {
    const { transport, heartbeat } = await manual();

    heartbeat.close();
    expect(heartbeat.accept({ version: 1 })).toBe(false);
    expect(heartbeat.reason).toBe('heartbeat-closed');
    transport.close();
  });
});
