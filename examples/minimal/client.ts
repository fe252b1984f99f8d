// The client of a minimal application. server.ts says how to run it. End it with Ctrl-C, or stop it with Ctrl-Z, and
// see what the server prints.
import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import wrtc from '@roamhq/wrtc';
import { Device } from 'mediasoup-client';

// A browser has these globals already.
const { RTCPeerConnection, RTCSessionDescription, MediaStream } = wrtc;

Object.assign(globalThis, { RTCPeerConnection, RTCSessionDescription, MediaStream });

const ask = async (path: string, body = {}) =>
  (
    await fetch(`http://127.0.0.1:4000/${path}`, { method: 'POST', body: JSON.stringify(body) })
  ).json() as Promise<never>;

const device = new Device({ handlerName: 'Chrome111' });
const heartbeats = enableHeartbeat(device);

heartbeats.on('statechange', ({ state, reason }) => console.log(`the server is ${state} (${reason})`));

const { routerRtpCapabilities, transport: options } = await ask('transport');

await device.load({ routerRtpCapabilities });

const transport = device.createRecvTransport(options);

// The application does not use the transport. The heartbeat connects it, so the client is alive all the same.
transport.on('connect', ({ dtlsParameters }, callback, errback) => {
  ask('connect', { id: transport.id, dtlsParameters }).then(callback, errback);
});

process.on('SIGINT', () => {
  transport.close();
  setTimeout(() => process.exit(), 100);
});
