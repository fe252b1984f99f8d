import wrtc from '@roamhq/wrtc';
import type { types } from 'mediasoup';
import { type types as client, Device } from 'mediasoup-client';
import { createAudioTrack, installWebRtc } from '../../../examples/meeting/peers/webrtc.ts';
import { ADDRESS } from './ClientNetwork.ts';
import { now } from './clock.ts';

const WIDTH = 160;
const HEIGHT = 120;
const FRAME_RATE = 15;

/** The other participant: a libwebrtc whose network never changes. It sends audio and video, and decodes the browser's. */
export class FarEnd {
  /** When each frame of the browser's video was decoded. */
  readonly frames: number[] = [];
  readonly producers: types.Producer[] = [];
  readonly #device: client.Device;
  readonly #received: types.WebRtcTransport;
  readonly #recv: client.Transport;

  private constructor(device: client.Device, received: types.WebRtcTransport, recv: client.Transport) {
    this.#device = device;
    this.#received = received;
    this.#recv = recv;
  }

  static async join(router: types.Router): Promise<FarEnd> {
    installWebRtc();

    const device = new Device({ handlerName: 'Chrome111' });

    await device.load({ routerRtpCapabilities: router.rtpCapabilities as client.RtpCapabilities });

    const received = await createTransport(router);
    const sent = await createTransport(router);
    const recv = connecting(device.createRecvTransport(parametersOf(received)), received);
    const send = connecting(device.createSendTransport(parametersOf(sent)), sent);
    const farEnd = new FarEnd(device, received, recv);

    send.on('produce', async ({ kind, rtpParameters }, callback) => {
      const producer = await sent.produce({ kind, rtpParameters: rtpParameters as types.RtpParameters });

      farEnd.producers.push(producer);
      callback({ id: producer.id });
    });
    await send.produce({ track: createAudioTrack() });
    await send.produce({ track: createVideoTrack() });

    return farEnd;
  }

  /** Decodes a video of the browser until its producer is closed. */
  async watch(producer: types.Producer): Promise<void> {
    const consumer = await this.#received.consume({
      producerId: producer.id,
      rtpCapabilities: this.#device.recvRtpCapabilities as types.RtpCapabilities,
    });
    const { id, kind, rtpParameters } = consumer;
    const { track } = await this.#recv.consume({
      id,
      kind,
      producerId: producer.id,
      rtpParameters: rtpParameters as client.RtpParameters,
    });
    const sink = new wrtc.nonstandard.RTCVideoSink(track);

    sink.onframe = () => this.frames.push(now());
    producer.observer.on('close', () => sink.stop());
  }
}

function createVideoTrack(): MediaStreamTrack {
  const source = new wrtc.nonstandard.RTCVideoSource();
  const data = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  let frame = 0;

  setInterval(() => {
    data.fill(frame++ % 256, 0, (WIDTH * HEIGHT) / 2);
    source.onFrame({ width: WIDTH, height: HEIGHT, data });
  }, 1000 / FRAME_RATE);

  return source.createTrack();
}

async function createTransport(router: types.Router): Promise<types.WebRtcTransport> {
  return router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: ADDRESS.farEnd }] });
}

function parametersOf({ id, iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport) {
  return { id, iceParameters, iceCandidates, dtlsParameters } as client.TransportOptions;
}

function connecting(transport: client.Transport, server: types.WebRtcTransport): client.Transport {
  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    server.connect({ dtlsParameters: dtlsParameters as types.DtlsParameters }).then(callback, errback);
  });

  return transport;
}
