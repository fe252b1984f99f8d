import { readFileSync } from 'node:fs';
import { type DeviceHeartbeat, enableHeartbeat, type StateChange } from '@mediasoup-heartbeat/client';
import { Device } from 'mediasoup-client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { expect, test } from 'vitest';

// docs/guides/unit-tests.md shows parts of this file: the last test compares them.

/** A piece of an application. */
class Badge {
  text = '';

  constructor(heartbeats: DeviceHeartbeat) {
    heartbeats.on('statechange', ({ state, reason }) => {
      this.text = state === 'dead' ? `connection lost (${reason})` : '';
    });
  }
}

async function createFakeDevice(): Promise<Device> {
  const device = new Device({ handlerFactory: FakeHandler.createFactory(fakeParameters) });

  await device.load({ routerRtpCapabilities: fakeParameters.generateRouterRtpCapabilities() });

  return device;
}

test('an application on FakeHandler sends data as without the heartbeat, and the reason is fake-handler', async () => {
  const device = await createFakeDevice();
  const heartbeats = enableHeartbeat(device);
  const transport = device.createSendTransport(fakeParameters.generateTransportRemoteParameters());

  transport.on('connect', (_parameters, callback) => callback());
  transport.on('producedata', (_parameters, callback) => callback({ id: 'data' }));

  const dataProducer = await transport.produceData();

  expect(dataProducer.sctpStreamParameters.streamId).toBe(1);
  expect([heartbeats.state, heartbeats.reason]).toEqual(['pending', 'fake-handler']);
});

test('the badge of an application on FakeHandler shows that the server is gone', async () => {
  const device = await createFakeDevice();
  const heartbeats = enableHeartbeat(device);
  const badge = new Badge(heartbeats);

  heartbeats.emit('statechange', {
    state: 'dead',
    previous: 'alive',
    reason: 'missed-pings',
    at: Date.now(),
    silentFor: 5000,
  });
  expect(badge.text).toBe('connection lost (missed-pings)');
});

test.each(['send', 'recv'] as const)(
  'the heartbeat leaves a %s transport of FakeHandler alone, even if the server sent a descriptor',
  async direction => {
    const device = await createFakeDevice();
    const heartbeats = enableHeartbeat(device, { connectIdleAfter: 0 });
    const parameters = fakeParameters.generateTransportRemoteParameters();
    const descriptor = { versions: [1], streamId: 0, interval: 1000 };
    const options = {
      ...parameters,
      sctpParameters: { ...parameters.sctpParameters, heartbeat: descriptor },
    };
    const transport = (
      direction === 'send'
        ? device.createSendTransport(options as typeof parameters)
        : device.createRecvTransport(options as typeof parameters)
    ) as ReturnType<Device['createSendTransport']>;
    const seen: object[] = [];
    const changes: StateChange[] = [];

    transport.on('connect', ({ dtlsParameters }, callback) => {
      seen.push(dtlsParameters);
      callback();
    });
    transport.on('producedata', ({ sctpStreamParameters }, callback) => {
      seen.push(sctpStreamParameters);
      callback({ id: 'data' });
    });
    heartbeats.on('statechange', change => changes.push(change));

    if (direction === 'send') {
      await transport.produceData();
      expect(seen[1]).toHaveProperty('streamId', 1);
    } else {
      await transport.consumeData(fakeParameters.generateDataConsumerRemoteParameters());
    }

    expect(seen[0]).not.toHaveProperty('heartbeat');
    expect(heartbeats.attach(transport, descriptor)).toBe(heartbeats.transports.get(transport.id));
    transport.close();
    heartbeats.close();
    expect(changes.map(({ state }) => state)).toEqual(['pending', 'closed']);
  },
);

test('the guide to unit tests shows code of this file', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const examples = [...read('../../docs/guides/unit-tests.md').matchAll(/```ts\n(.*?)```/gs)].map(
    ([, code]) => code,
  );

  expect(examples).toHaveLength(2);

  for (const example of examples) {
    expect(read('./fakeHandler.test.ts')).toContain(example);
  }
});
