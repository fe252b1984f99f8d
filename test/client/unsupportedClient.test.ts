import { readFileSync } from 'node:fs';
import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import type { types } from 'mediasoup-client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CLIENTS, createDevice } from '../harness/peer.ts';

const { peerDependencies } = JSON.parse(
  readFileSync(new URL('../../packages/client/package.json', import.meta.url), 'utf8'),
);
const REMEDY = `The heartbeat needs mediasoup-client ${peerDependencies['mediasoup-client']}: npm install mediasoup-client@3`;

const logged = vi.spyOn(console, 'error');

beforeEach(() => {
  logged.mockReset();
});
afterEach(() => {
  logged.mockReset();
});

/** A loaded device whose handlers lack a method, like some custom handlers. */
async function deviceWithout(method: string): Promise<types.Device> {
  const { factory, ...rest } = FakeHandler.createFactory(fakeParameters);
  const device = new CLIENTS.current.Device({
    handlerFactory: {
      ...rest,
      factory: options => Object.defineProperty(factory(options), method, { value: undefined }),
    },
  });

  await device.load({ routerRtpCapabilities: fakeParameters.generateRouterRtpCapabilities() });

  return device;
}

function transportParameters(): types.TransportOptions {
  const { sctpParameters, ...rest } = fakeParameters.generateTransportRemoteParameters();

  return {
    ...rest,
    sctpParameters: { ...sctpParameters, heartbeat: { versions: [1], streamId: 0, interval: 1000 } },
  } as types.TransportOptions;
}

describe('enableHeartbeat() on a mediasoup-client that it cannot work with', () => {
  test('throws for a device without an observer, as in 3.6.4, and names the supported range and the remedy', () => {
    const device = Object.defineProperty(createDevice(), 'observer', { value: undefined });
    const enable = () => enableHeartbeat(device);

    expect(enable).toThrow(
      'enableHeartbeat(): this mediasoup-client has no device.observer.prependOnceListener()',
    );
    expect(enable).toThrow(REMEDY);
  });

  test.each(['sendDataChannel', 'receiveDataChannel', 'updateIceServers', 'restartIce', 'stopSending'])(
    'leaves a transport alone if its handler has no %s, and says so on the console and in the reason',
    async method => {
      const device = await deviceWithout(method);
      const heartbeats = enableHeartbeat(device);
      const changes: unknown[] = [];

      heartbeats.on('statechange', ({ state, reason }) => changes.push([state, reason]));

      const transport = device.createSendTransport(transportParameters());

      expect(logged).toHaveBeenCalledExactlyOnceWith(
        expect.stringContaining(`this mediasoup-client has no transport.handler.${method}()`),
      );
      expect(logged).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(REMEDY));
      expect(changes).toEqual([['pending', 'unsupported-client']]);
      expect(heartbeats.transports.size).toBe(0);
      expect(Object.hasOwn(transport.handler, 'close')).toBe(false);
      transport.close();
      heartbeats.close();
    },
  );

  test('makes attach() throw for a transport whose handler lacks a method', async () => {
    const device = await deviceWithout('sendDataChannel');
    const heartbeats = enableHeartbeat(device);
    const transport = device.createRecvTransport(transportParameters());
    const attach = () => heartbeats.attach(transport, { versions: [1], streamId: 0, interval: 1000 });

    expect(attach).toThrow('attach(): this mediasoup-client has no transport.handler.sendDataChannel()');
    expect(attach).toThrow(REMEDY);
    transport.close();
  });

  test.each(['current', 'oldest'] as const)('logs nothing for the %s supported version', async version => {
    const device = createDevice(version);
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: false });

    await device.load({ routerRtpCapabilities: fakeParameters.generateRouterRtpCapabilities() });

    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transportParameters();
    const transport = device.createSendTransport({
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
      ...(sctpParameters && { sctpParameters }),
    });

    expect(heartbeats.transports.get(transport.id)?.reason).toBe('new');
    expect(logged).not.toHaveBeenCalled();
    transport.close();
    heartbeats.close();
  });
});
