import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type DeviceHeartbeat, enableHeartbeat } from '@mediasoup-heartbeat/client';
import { CHANNEL_LABEL } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { count } from './activity.ts';
import { type SuiteName, suites } from './suites.ts';

// Every device gets the heartbeat before its first transport is created, and every server advertises one.

const { folder } = suites[process.env.UPSTREAM_SUITE as SuiteName];
const require = createRequire(join(process.cwd(), folder, 'any.js'));
const { Device } = require('../Device.js');
const { FakeHandler } = require('../handlers/FakeHandler.js');
const fakeParameters = require('./fakeParameters.js');

/** A handler's arguments for a DataChannel: flat up to 3.18, nested since. */
type ChannelOptions = { label?: string; sctpStreamParameters?: { label?: string } };

const enabled = new WeakMap<types.Device, DeviceHeartbeat>();

/** Whether a transport is being created, when the heartbeat looks at it. */
let isCreating = false;

for (const method of ['createSendTransport', 'createRecvTransport'] as const) {
  wrap(Device.prototype, method, function (this: types.Device, native, options: types.TransportOptions) {
    if (enabled.has(this)) {
      isCreating = true;

      try {
        return native.call(this, options);
      } finally {
        isCreating = false;
      }
    }

    const heartbeats = enableHeartbeat(this);

    count('devices enabled');
    enabled.set(this, heartbeats);
    heartbeats.on('newtransport', ({ reason }) => count(`transports covered (${reason})`));

    return this[method](options);
  });
}

wrap(fakeParameters, 'generateTransportRemoteParameters', native => {
  const parameters = native();

  return {
    ...parameters,
    sctpParameters: {
      ...parameters.sctpParameters,
      heartbeat: { versions: [1], streamId: 1, interval: 1000 },
    },
  };
});

Object.defineProperty(FakeHandler.prototype, 'name', {
  get: () => (isCreating ? 'Chrome111' : 'FakeHandler'),
});

for (const method of ['sendDataChannel', 'receiveDataChannel']) {
  wrap(FakeHandler.prototype, method, async function (this: object, native, options: ChannelOptions) {
    const result = await native.call(this, options);
    const { label } = { ...options.sctpStreamParameters, ...options };

    if (label === CHANNEL_LABEL) {
      // Up to 3.18 the fake channel is an emitter of Node's kind only.
      result.dataChannel.addEventListener ??= result.dataChannel.on;
      count('channels negotiated');
    }

    return result;
  });
}

wrap(FakeHandler.prototype, 'emit', function (this: object, native, event: string, ...args: unknown[]) {
  const emitted = native.call(this, event, ...args);
  const [parameters] = args as [{ dtlsParameters?: { heartbeat?: unknown } } | undefined];

  if (event === '@connect' && parameters?.dtlsParameters?.heartbeat !== undefined) {
    count('acceptances sent');
  }

  return emitted;
});

// The suite of 3.7.0 sets `navigator`, which newer versions of Node have as a getter.
Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true, writable: true });

// biome-ignore lint/suspicious/noExplicitAny: methods of JavaScript sources
type Method = (...args: any[]) => any;

/** Wraps a method of mediasoup-client's. */
function wrap<Owner extends Record<string, Method>>(
  owner: Owner,
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: methods of JavaScript sources
  around: (this: any, native: Method, ...args: any[]) => unknown,
): void {
  const native = owner[name] as Method;

  Object.defineProperty(owner, name, {
    value(this: unknown, ...args: unknown[]) {
      return around.call(this, native, ...args);
    },
    configurable: true,
    writable: true,
  });
}
