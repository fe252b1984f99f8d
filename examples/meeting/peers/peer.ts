import { watchMediaFlow } from '@mediasoup-heartbeat/client/media';
import { Device, type types } from 'mediasoup-client';
import { enableRecovery } from '../signaling/enableRecovery.ts';
import type { Direction, ProducerInfo } from '../signaling/messages.ts';
import { SignalingChannel } from '../signaling/SignalingChannel.ts';
import type { PeerReport, PeerRequest } from './PeerReport.ts';
import { createAudioTrack, installWebRtc } from './webrtc.ts';

// A participant without a browser: real libwebrtc in a process of its own.
//   node peer.ts URL NAME [--media]

const [url = '', name = '', media] = process.argv.slice(2);

installWebRtc();

const socket = new WebSocket(url.replace('http', 'ws'));

await new Promise((resolve, reject) => {
  socket.onopen = resolve;
  socket.onerror = () => reject(new Error(`No server answers at ${url}. Start it with: npm start`));
});

const signaling = new SignalingChannel(socket);
const device = await Device.factory({ handlerName: 'Chrome111' });
const { routerRtpCapabilities } = await signaling.request('watch', {});

await device.load({ routerRtpCapabilities });

const heartbeats = enableRecovery(device, signaling);

let received: (transport: types.Transport) => void = () => {};
const receiving = new Promise<types.Transport>(resolve => {
  received = resolve;
});
let ownId: string | undefined;

// Before it joins: somebody may begin to send while it creates its transports.
signaling.onNotification('newProducer', async producer => {
  if (producer.peerId !== ownId) {
    await consume(producer).catch(ignore);
  }
});

const { peerId, producers } = await signaling.request('join', { name, pid: process.pid });

ownId = peerId;

const send = await createTransport('send');
const recv = await createTransport('recv');

received(recv);

if (media === '--media') {
  // A muted client sends no RTP at all.
  const producer = await send.produce({ track: createAudioTrack(), zeroRtpOnPause: true });

  // What it sends, as it says itself: only together with what arrives it shows that media is blocked.
  watchMediaFlow(producer, { heartbeat: heartbeats.transports.get(send.id) }).on('change', ({ stream }) =>
    report({ media: stream }),
  );
  process.on('message', (request: PeerRequest) => {
    if (request === 'muteSource') {
      producer.replaceTrack({ track: null }).catch(ignore);
    }
  });
  signaling.onNotification('mute', async ({ muted }) => {
    muted ? producer.pause() : producer.resume();
    await signaling.request('pause', { producerId: producer.id, paused: muted });
  });
}

for (const producer of producers) {
  await consume(producer).catch(ignore);
}

process.on('message', async (request: PeerRequest) => {
  if (request !== 'packets') {
    return;
  }

  const stats = [...(await recv.getStats()).values()];

  report({ packets: stats.reduce((sum, { packetsReceived }) => sum + (packetsReceived ?? 0), 0) });
});
heartbeats.on('recovered', (recovered, { transport: { direction } }) => report({ direction, recovered }));

// Like a browser that closes its page: the heartbeat says goodbye before the transports are closed.
process.on('SIGTERM', () => {
  send.close();
  recv.close();
  // Pending frames leave within the next turns of the event loop.
  setTimeout(() => process.exit(0), 200);
});

/** Tells the process that started this one. */
function report(said: PeerReport): void {
  process.send?.(said);
}

async function createTransport(direction: Direction): Promise<types.Transport> {
  const options = await signaling.request('createTransport', { direction });
  const transport =
    direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);

  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    signaling
      .request('connectTransport', { transportId: transport.id, dtlsParameters })
      .then(() => callback(), errback);
  });
  transport.on('produce', ({ kind, rtpParameters }, callback, errback) => {
    signaling.request('produce', { transportId: transport.id, kind, rtpParameters }).then(callback, errback);
  });

  return transport;
}

/** Its sender left meanwhile. */
function ignore(): void {}

async function consume({ producerId }: ProducerInfo): Promise<void> {
  const transport = await receiving;
  const options = await signaling.request('consume', {
    producerId,
    rtpCapabilities: device.rtpCapabilities,
  });
  const consumer = await transport.consume(options);

  await signaling.request('resumeConsumer', { consumerId: consumer.id });
}
