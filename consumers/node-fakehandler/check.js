import assert from 'node:assert/strict';
import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { Device } from 'mediasoup-client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';

// There is no DOM here, and no WebRTC.
assert.equal(typeof document, 'undefined');

const device = new Device({ handlerFactory: FakeHandler.createFactory(fakeParameters) });

await device.load({ routerRtpCapabilities: fakeParameters.generateRouterRtpCapabilities() });

const heartbeats = enableHeartbeat(device);
const transport = device.createSendTransport(fakeParameters.generateTransportRemoteParameters());

assert.equal(heartbeats.transports.get(transport.id).reason, 'fake-handler');
transport.close();
