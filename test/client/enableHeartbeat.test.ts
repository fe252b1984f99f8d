import { enableHeartbeat, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { EndpointLoop } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { createDevice, createSilentTrack } from '../harness/peer.ts';
import { createTransport } from '../harness/server.ts';
import { App, type Link } from './App.ts';
import { type Source, startSource } from './Source.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** The parameters of a server transport, with the test's descriptor. */
async function parametersWith(heartbeat: unknown): Promise<types.TransportOptions> {
  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = await createTransport(
    source.router,
  );

  return {
    id,
    iceParameters,
    iceCandidates,
    dtlsParameters,
    sctpParameters: { ...sctpParameters, heartbeat },
  } as types.TransportOptions;
}

async function loadedDevice(): Promise<types.Device> {
  const device = createDevice();

  await device.load({ routerRtpCapabilities: source.router.rtpCapabilities as types.RtpCapabilities });

  return device;
}

describe('enableHeartbeat()', () => {
  test('accepts a device that is not loaded yet', async () => {
    const device = createDevice();
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: false });

    expect(heartbeats.state).toBe('pending');
    await device.load({ routerRtpCapabilities: source.router.rtpCapabilities as types.RtpCapabilities });

    const transport = device.createSendTransport(
      await parametersWith({ versions: [1], streamId: 0, interval: 1000 }),
    );

    expect(heartbeats.transports.get(transport.id)?.reason).toBe('new');
    transport.close();
  });

  test('does not change the errors of a device that is not loaded', async () => {
    const device = createDevice();

    enableHeartbeat(device);

    const parameters = await parametersWith(undefined);

    expect(() => device.createSendTransport(parameters)).toThrow('not loaded');
    // @ts-expect-error no parameters at all
    expect(() => device.createRecvTransport()).toThrow(TypeError);
    expect(device.observer.listenerCount('newtransport')).toBe(0);
  });

  test('returns the same object if called twice, and throws if the second call has options', () => {
    const device = createDevice();
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: 100 });

    expect(enableHeartbeat(device)).toBe(heartbeats);
    expect(() => enableHeartbeat(device, { connectIdleAfter: 200 })).toThrow(/already has a heartbeat/);
    heartbeats.close();
    expect(enableHeartbeat(device, { connectIdleAfter: 200 })).not.toBe(heartbeats);
  });

  test.each([undefined, null, 1, {}, 'device'])('throws a TypeError for the device %j', value => {
    expect(() => enableHeartbeat(value as unknown as types.Device)).toThrow(
      /device must be a mediasoup-client Device/,
    );
  });

  test.each([
    [{ connectIdleAfter: -1 }, /connectIdleAfter must be a number from 0 to 600000 \(ms\), or false, got -1/],
    [{ connectIdleAfter: true }, /connectIdleAfter/],
    [{ firstPingTimeout: 10 }, /firstPingTimeout must be a number from 1000 to 600000 \(ms\), got 10/],
    [{ advertise: 'no' }, /advertise must be true or false, got the string 'no'/],
    [{ appData: 1 }, /appData must be an object, got 1/],
    [{ preset: 'quick' }, /preset must be one of/],
    [{ deadAfter: Number.NaN }, /deadAfter must be a number from 100 to 3600000 \(ms\), got NaN/],
    [{ suspectAfter: 9000, deadAfter: 8000 }, /deadAfter/],
    [[], /options must be an object, got an array/],
    [null, /options must be an object, got null/],
    [{ conectIdleAfter: 500 }, /unknown option conectIdleAfter; known are preset, .*, connectIdleAfter/],
    [{ interval: 500 }, /unknown option interval/],
  ])('throws a TypeError for the options %j', (options, message) => {
    const wrong = () => enableHeartbeat(createDevice(), options as unknown as object);

    expect(wrong).toThrow(TypeError);
    expect(wrong).toThrow(message);
  });

  test('leaves nothing on the device once it is closed', () => {
    const device = createDevice();
    const { createSendTransport } = device;
    const heartbeats = enableHeartbeat(device);

    expect(device.createSendTransport).not.toBe(createSendTransport);
    heartbeats.close();
    expect(device.createSendTransport).toBe(createSendTransport);
    expect([heartbeats.state, heartbeats.reason]).toEqual(['closed', 'heartbeat-closed']);
  });

  test.each([
    [undefined, 'no-server-half'],
    [null, 'no-server-half'],
    ['heartbeat', 'no-server-half'],
    [[], 'no-server-half'],
    [{ versions: 1, streamId: 0, interval: 1000 }, 'no-server-half'],
    [{ versions: [1], streamId: -1, interval: 1000 }, 'no-server-half'],
    [{ versions: [1], streamId: 0, interval: 'often' }, 'no-server-half'],
    [{ versions: [99], streamId: 0, interval: 1000 }, 'version-mismatch'],
    [{ versions: [1], streamId: 9, interval: 1000 }, 'stream-id-taken'],
  ])('does no harm if the server sends the descriptor %j', async (descriptor, reason) => {
    const device = await loadedDevice();
    const heartbeats = enableHeartbeat(device);
    const transport = device.createSendTransport(await parametersWith(descriptor));
    const heartbeat = heartbeats.transports.get(transport.id);
    const untouched = ['send', 'sendDataChannel', 'updateIceServers'].every(
      method => !Object.hasOwn(transport.handler, method),
    );

    expect([heartbeat?.state, heartbeat?.reason, untouched]).toEqual(['pending', reason, true]);
    expect([heartbeats.state, heartbeats.reason]).toEqual(['pending', reason]);
    // A server that cannot be heard is not judged.
    transport.handler.emit('@connectionstatechange', 'failed');
    expect([heartbeat?.state, heartbeat?.reason]).toEqual(['pending', reason]);
    expect(() => JSON.stringify(heartbeat?.stats)).not.toThrow();
    transport.close();
    expect([heartbeat?.state, heartbeat?.reason]).toEqual(['closed', 'transport-closed']);
    expect(Object.hasOwn(transport.handler, 'close')).toBe(false);
    expect(heartbeats.transports.size).toBe(0);
  });

  test('does not call the server dead if the connection fails before the channel exists', async () => {
    const device = await loadedDevice();
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: false });
    const transport = device.createSendTransport(
      await parametersWith({ versions: [1], streamId: 0, interval: 1000 }),
    );

    transport.handler.emit('@connectionstatechange', 'failed');
    expect([heartbeats.state, heartbeats.reason]).toEqual(['pending', 'not-connected']);
    transport.close();
  });

  test.each(['heartbeat', 'observer'] as const)(
    'emits stats to a listener that is added to the %s while nothing is due',
    async whose => {
      const device = await loadedDevice();
      const heartbeats = enableHeartbeat(device);
      const transport = device.createSendTransport(await parametersWith(undefined));
      const heartbeat = heartbeats.transports.get(transport.id) as TransportHeartbeat;
      const stalled = vi.spyOn(EndpointLoop.prototype, 'stalled');
      const emitter = whose === 'observer' ? heartbeat.observer : heartbeat;

      await new Promise(resolve => emitter.once('stats', resolve));
      await new Promise(resolve => emitter.once('stats', resolve));
      expect(stalled).not.toHaveBeenCalled();
      stalled.mockRestore();
      transport.close();
      emitter.on('stats', () => expect.unreachable());
    },
  );

  test('is not disturbed by a listener that throws', async () => {
    const device = await loadedDevice();
    const heartbeats = enableHeartbeat(device);
    const errors: unknown[] = [];
    const { error } = console;

    console.error = (...args: unknown[]) => errors.push(args);
    heartbeats.on('newtransport', () => {
      throw new Error('mine');
    });

    const transport = device.createSendTransport(await parametersWith(undefined));

    console.error = error;
    expect(transport.closed).toBe(false);
    expect(errors).toHaveLength(1);
    transport.close();
  });
});

describe('attach()', () => {
  /** Both sides of a transport whose descriptor is passed by hand. */
  async function createPair(direction: 'send' | 'recv', idsInUse = 0) {
    const server = await createTransport(source.router);

    for (let id = 0; id < idsInUse; id++) {
      await server.consumeData({ dataProducerId: source.dataProducer.id });
    }

    const heartbeat = await attachHeartbeat(server, { advertise: false, interval: 100 });
    const device = await loadedDevice();
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: 10 });
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = server;
    const options = {
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
      sctpParameters,
    } as types.TransportOptions;
    const client =
      direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);

    client.on('connect', ({ dtlsParameters: { role, fingerprints } }, callback, errback) => {
      // Signalling that strips unknown fields.
      server.connect({ dtlsParameters: { role, fingerprints } as never }).then(callback, errback);
    });
    client.on('producedata', ({ sctpStreamParameters }, callback, errback) => {
      server.produceData({ sctpStreamParameters } as never).then(callback, errback);
    });

    return { server, client, heartbeat, heartbeats };
  }

  test.each(['send', 'recv'] as const)('connects an idle %s transport', async direction => {
    const { server, client, heartbeat, heartbeats } = await createPair(direction);
    const attached = heartbeats.attach(client, heartbeat.descriptor);

    expect(heartbeats.attach(client, heartbeat.descriptor)).toBe(attached);
    await Promise.all([untilState(attached, 'alive'), untilState(heartbeat, 'alive')]);
    expect(heartbeats.state).toBe('alive');
    client.close();
    server.close();
  });

  test.each([
    ['send', 3],
    ['send', 8],
    ['recv', 20],
  ] as const)(
    'uses the stream id that the server left free on a %s transport: %i',
    async (direction, streamId) => {
      const { server, client, heartbeat, heartbeats } = await createPair(direction, streamId);
      const attached = heartbeats.attach(client, heartbeat.descriptor);

      expect(heartbeat.descriptor.streamId).toBe(streamId);

      if (direction === 'send') {
        const dataProducer = await client.produceData();

        expect(dataProducer.sctpStreamParameters.streamId).toBe(streamId + 1);
      }

      await Promise.all([untilState(attached, 'alive'), untilState(heartbeat, 'alive')]);
      client.close();
      server.close();
    },
  );

  test('covers a transport that is already connected', async () => {
    const { server, client, heartbeat, heartbeats } = await createPair('recv');
    const { id, sctpStreamParameters } = await server.consumeData({ dataProducerId: source.dataProducer.id });

    await client.consumeData({
      id,
      dataProducerId: source.dataProducer.id,
      sctpStreamParameters: sctpStreamParameters as types.SctpStreamParameters,
    });
    await until(client, 'connectionstatechange', () => client.connectionState === 'connected');

    const attached = heartbeats.attach(client, heartbeat.descriptor);

    await Promise.all([untilState(attached, 'alive'), untilState(heartbeat, 'alive')]);
    client.close();
    server.close();
  });

  test('does no harm to a transport that was in use before enableHeartbeat()', async () => {
    const app = new App(source, { serverSide: true, clientSide: false });

    await app.load();

    const link = await app.createUsualLink('recv');
    const heartbeats = enableHeartbeat(app.device, { connectIdleAfter: 10 });

    expect([heartbeats.transports.size, heartbeats.state, heartbeats.reason]).toEqual([0, 'pending', 'new']);
    await app.receiveMessage(await app.consumeData(link));
    expect(heartbeats.transports.size).toBe(0);

    // It was connected without an acceptance, and the server has noticed that.
    allowLog(
      /no suitable DataProducer/,
      'the client side was attached by hand, and nobody told the server side',
    );
    const attached = heartbeats.attach(link.client, link.heartbeat?.descriptor);

    await app.receiveMessage(await app.consumeData(link));
    expect(heartbeats.transports.get(link.client.id)).toBe(attached);
    expect([attached.state, link.heartbeat?.reason]).toEqual(['pending', 'no-client-half']);
    app.close();
    heartbeats.close();
  });

  test('covers a transport that was created, but not used, before enableHeartbeat()', async () => {
    const app = new App(source, { serverSide: true, clientSide: false });

    await app.load();

    const link = await app.createUsualLink('send');
    const heartbeats = enableHeartbeat(app.device, { connectIdleAfter: false });

    heartbeats.attach(link.client, link.heartbeat?.descriptor);
    await app.sendMessage(await app.produceData(link));
    await Promise.all([
      untilState(heartbeats, 'alive'),
      untilState(link.heartbeat as NonNullable<Link['heartbeat']>, 'alive'),
    ]);
    app.close();
    heartbeats.close();
  });

  test('leaves the stream id alone if closed while a refused produce() is rolled back', async () => {
    const { server, client, heartbeat, heartbeats } = await createPair('send');
    const produce = () => client.produce({ track: createSilentTrack() });
    let attached: TransportHeartbeat | undefined;

    client.once('produce', ({ kind, rtpParameters }, callback, errback) => {
      server.produce({ kind, rtpParameters: rtpParameters as never }).then(callback, errback);
    });
    await produce();
    client.once('produce', (_parameters, _callback, errback) => {
      attached = heartbeats.attach(client, heartbeat.descriptor);
      errback(new Error('refused'));
    });
    await expect(produce()).rejects.toThrow('refused');
    attached?.close();

    const streamIds: unknown[] = [];

    client.on('producedata', ({ sctpStreamParameters }) => streamIds.push(sctpStreamParameters.streamId));
    // The server uses the id, because the client has accepted.
    allowLog(/streamId already exists/, 'the application vouches for a client that uses the stream itself');
    await client.produceData().catch(() => {});
    expect(streamIds).toEqual([0]);
    client.close();
    server.close();
  });

  test('starts anew on a transport whose heartbeat was closed', async () => {
    const device = await loadedDevice();
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: false });
    const transport = device.createSendTransport(await parametersWith(undefined));
    const descriptor = { versions: [1], streamId: 0, interval: 1000 };
    const first = heartbeats.attach(transport, descriptor);
    let second = first;

    // In a listener, before the close is emitted.
    first.on('statechange', ({ state }) => {
      if (state === 'pending') {
        first.close();
        second = heartbeats.attach(transport, descriptor);
      }
    });
    transport.handler.emit('@connectionstatechange', 'failed');
    expect(second.closed).toBe(false);
    expect([...heartbeats.transports.values()]).toEqual([second]);
    transport.close();
  });

  test('stays pending on a transport whose stream id the application has used', async () => {
    const { server, client, heartbeat, heartbeats } = await createPair('send');

    allowLog(/streamId already exists/, 'the application vouches for a client that uses the stream itself');
    await client.produceData().catch(() => {});
    await new Promise<void>(resolve => {
      if (client.connectionState === 'connected') {
        resolve();
      }

      client.on('connectionstatechange', state => state === 'connected' && resolve());
    });

    const attached = heartbeats.attach(client, heartbeat.descriptor);

    await new Promise<void>(resolve => {
      attached.on('statechange', ({ reason }) => reason === 'stream-id-taken' && resolve());
    });
    expect(attached.state).toBe('pending');
    client.close();
    server.close();
  });

  test('throws errors that say what is wrong', async () => {
    const { server, client, heartbeat, heartbeats } = await createPair('send');

    for (const value of [undefined, {}, { id: 'id', handler: {} }, server]) {
      expect(() => heartbeats.attach(value as unknown as types.Transport, heartbeat.descriptor)).toThrow(
        TypeError,
      );
    }

    client.close();
    expect(() => heartbeats.attach(client, heartbeat.descriptor)).toThrow('the transport is closed');
    heartbeats.close();
    expect(() => heartbeats.attach(client, heartbeat.descriptor)).toThrow('closed');
    server.close();
  });
});
