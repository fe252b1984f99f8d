import { type DeviceHeartbeat, enableHeartbeat } from '@mediasoup-heartbeat/client';
import { Device, type types } from 'mediasoup-client';
import { isOurs } from '../contenders.ts';
import { restartByApplication } from './ApplicationRestart.ts';
import type { Direction, PageLog, Setup } from './messages.ts';
import { Signalling } from './Signalling.ts';

// The application of the bench: a call with one other participant, audio, video and a data channel in both directions.

declare global {
  interface Window {
    bench: {
      start(setup: Setup): Promise<void>;
      log(since: number): PageLog;
    };
  }
}

/** How often the page counts what it has received, in ms. */
const COUNT_EVERY = 50;

/** How often a message is sent on the data channel, in ms. */
const MESSAGE_EVERY = 50;

const log: PageLog = { events: [], frames: [], messages: [], packets: [] };

window.bench = {
  start,
  log: since => ({
    events: log.events.filter(({ at }) => at >= since),
    frames: log.frames.filter(at => at >= since),
    messages: log.messages.filter(({ at }) => at >= since),
    packets: log.packets.filter(({ at }) => at >= since),
  }),
};

async function start({ contender, signalling: url, handlerName }: Setup): Promise<void> {
  takeHints(contender !== 'ours');

  // With the permission to use the microphone Chromium shows all its interfaces, as in a real call.
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 240, frameRate: 15 },
  });
  const signalling = new Signalling(url);
  const device = new Device({ handlerName });

  await device.load(await signalling.request('join', {}));

  if (isOurs(contender)) watch(enableHeartbeat(device, { recover: true }));

  const [send, recv] = await Promise.all(
    (['send', 'recv'] as const).map(async direction => {
      const options = await signalling.request('createTransport', { direction });
      const transport =
        direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);

      serve(transport, signalling);
      if (contender === 'on-failed') restartByApplication(transport, signalling, 'failed');
      if (contender === 'on-disconnected') restartByApplication(transport, signalling, 'disconnected');

      return transport;
    }),
  );

  if (send === undefined || recv === undefined) return;

  for (const track of stream.getTracks()) await send.produce({ track });

  const dataProducer = await send.produceData({ label: 'up' });

  setInterval(() => {
    if (dataProducer.readyState === 'open') dataProducer.send(String(now()));
  }, MESSAGE_EVERY);

  const rtpCapabilities = device.recvRtpCapabilities;

  for (const options of await signalling.request('consume', { rtpCapabilities })) {
    const { track } = await recv.consume(options);

    play(track);
  }

  const dataConsumer = await recv.consumeData(await signalling.request('consumeData', {}));

  dataConsumer.on('message', message => log.messages.push({ sentAt: Number(message), at: now() }));
  dataProducer.on('close', () => note('send: data channel closed'));
  dataConsumer.on('close', () => note('recv: data channel closed'));
  setInterval(() => count(recv), COUNT_EVERY);
}

/** Notes what the browser says of the network. If the library is to do without, nobody else hears it. */
function takeHints(passOn: boolean): void {
  const connection = (navigator as { connection?: EventTarget }).connection;

  for (const [target, type] of [
    [window, 'online'],
    [window, 'offline'],
    [connection, 'change'],
  ] as const) {
    target?.addEventListener(type, event => {
      note(type);
      if (!passOn) event.stopImmediatePropagation();
    });
  }
}

function watch(heartbeats: DeviceHeartbeat): void {
  heartbeats.on('newtransport', ({ transport: { direction }, observer }) => {
    observer.on('statechange', ({ state, reason }) => note(`${direction}: ${state} (${reason})`));
    observer.on('recovering', detail => note(`${direction}: recovering`, detail));
    observer.on('recovered', detail => note(`${direction}: recovered`, detail));
    observer.on('recoveryfailed', detail => note(`${direction}: recoveryfailed`, detail));
  });
}

function serve(transport: types.Transport, signalling: Signalling): void {
  const { id: transportId, direction } = transport;

  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    signalling.request('connect', { transportId, dtlsParameters }).then(() => callback(), errback);
  });
  transport.on('produce', ({ kind, rtpParameters }, callback, errback) => {
    signalling.request('produce', { transportId, kind, rtpParameters }).then(callback, errback);
  });
  transport.on('producedata', ({ sctpStreamParameters, label = '' }, callback, errback) => {
    signalling.request('produceData', { transportId, sctpStreamParameters, label }).then(callback, errback);
  });
  transport.on('connectionstatechange', state => note(`${direction as Direction}: ${state}`));
}

function play(track: MediaStreamTrack): void {
  const element = document.createElement(track.kind as 'audio' | 'video');

  element.muted = true;
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
  element.play().catch(() => {});

  if (element instanceof HTMLVideoElement) {
    const shown = () => {
      log.frames.push(now());
      element.requestVideoFrameCallback(shown);
    };

    element.requestVideoFrameCallback(shown);
  }
}

async function count(recv: types.Transport): Promise<void> {
  const packets = { at: now(), audio: 0, video: 0 };

  for (const report of (await recv.getStats()).values()) {
    if (report.type === 'inbound-rtp') packets[report.kind as 'audio' | 'video'] += report.packetsReceived;
  }

  log.packets.push(packets);
}

function note(what: string, detail?: unknown): void {
  log.events.push({ at: now(), what, ...(detail === undefined ? {} : { detail }) });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
