// The client of the smallest application there is. See server.ts for how to run it; end it with Ctrl-C, or
// stop it with Ctrl-Z, and see what the server says.
import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import wrtc from '@roamhq/wrtc';
import { Device } from 'mediasoup-client';

// What a browser has by itself.
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

// The transport is used for nothing at all. The heartbeat connects it, so that the peer is alive all the same.
transport.on('connect', ({ dtlsParameters }, callback, errback) => {
  ask('connect', { id: transport.id, dtlsParameters }).then(callback, errback);
});

process.on('SIGINT', () => {
  transport.close();
  setTimeout(() => process.exit(), 100);
});
