import type { DeviceHeartbeat } from '@mediasoup-heartbeat/client';
import { Device, type types } from 'mediasoup-client';
import { enableRecovery } from '../signaling/enableRecovery.ts';
import type { Direction, ProducerInfo } from '../signaling/messages.ts';
import type { SignalingChannel } from '../signaling/SignalingChannel.ts';

/** Is called with each track that is received, and with the id of its sender. */
type OnTrack = (track: MediaStreamTrack, peerId: string) => void;

/** Two sizes of a video, so that a client on a bad path can get the small one. */
const VIDEO_LAYERS: types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
  { scalabilityMode: 'L1T3' },
];

/** A participant: the device, its two transports and its heartbeat, what it sends and what it receives. */
export class Meeting {
  readonly heartbeats: DeviceHeartbeat;
  readonly #signaling: SignalingChannel;
  readonly #device: Device;
  readonly #onTrack: OnTrack;
  readonly #producers = new Map<string, types.Producer>();
  #peerId = '';
  #send: types.Transport | undefined;
  #recv: types.Transport | undefined;

  private constructor(signaling: SignalingChannel, device: Device, onTrack: OnTrack) {
    this.#signaling = signaling;
    this.#device = device;
    this.#onTrack = onTrack;
    this.heartbeats = enableRecovery(device, signaling);
  }

  /** Joins with the given tracks, or with none: a client that only listens is alive, too. */
  static async join(
    signaling: SignalingChannel,
    name: string,
    tracks: readonly MediaStreamTrack[],
    onTrack: OnTrack,
  ): Promise<Meeting> {
    const device = await Device.factory();
    const { routerRtpCapabilities } = await signaling.request('watch', {});

    await device.load({ routerRtpCapabilities });

    const meeting = new Meeting(signaling, device, onTrack);

    await meeting.#begin(name, tracks);

    return meeting;
  }

  get peerId(): string {
    return this.#peerId;
  }

  /** Whether it sends such a track, paused or not. */
  sends(kind: types.MediaKind): boolean {
    return this.#producers.has(kind);
  }

  /** Stops to send a track, or sends it again. */
  async pause(kind: types.MediaKind, paused: boolean): Promise<void> {
    const producer = this.#producers.get(kind);

    if (producer !== undefined) {
      paused ? producer.pause() : producer.resume();
      await this.#signaling.request('pause', { producerId: producer.id, paused });
    }
  }

  /** Leaves. The heartbeat says goodbye before the transports are closed. */
  leave(): void {
    this.#send?.close();
    this.#recv?.close();
  }

  async #begin(name: string, tracks: readonly MediaStreamTrack[]): Promise<void> {
    // What others begin to send while this page makes its transports.
    const early: ProducerInfo[] = [];
    // Its sender may leave meanwhile.
    const consume = (producer: ProducerInfo) => this.#consume(producer).catch(console.warn);

    this.#signaling.onNotification('newProducer', producer => {
      this.#recv === undefined ? early.push(producer) : consume(producer);
    });

    const { peerId, producers } = await this.#signaling.request('join', { name });

    this.#peerId = peerId;
    this.#send = await this.#createTransport('send');
    this.#recv = await this.#createTransport('recv');

    for (const track of tracks) {
      // A muted track sends no RTP at all: nothing but the heartbeat tells it from a dead client.
      const producer = await this.#send.produce({
        track,
        zeroRtpOnPause: true,
        stopTracks: false,
        ...(track.kind === 'video' && { encodings: VIDEO_LAYERS }),
      });

      this.#producers.set(track.kind, producer);
    }

    await Promise.all([...producers, ...early].map(consume));
  }

  async #createTransport(direction: Direction): Promise<types.Transport> {
    const options = await this.#signaling.request('createTransport', { direction });
    const transport =
      direction === 'send'
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);

    transport.on('connect', ({ dtlsParameters }, callback, errback) => {
      this.#signaling
        .request('connectTransport', { transportId: transport.id, dtlsParameters })
        .then(() => callback(), errback);
    });
    transport.on('produce', ({ kind, rtpParameters }, callback, errback) => {
      this.#signaling
        .request('produce', { transportId: transport.id, kind, rtpParameters })
        .then(callback, errback);
    });

    return transport;
  }

  async #consume({ peerId, producerId }: ProducerInfo): Promise<void> {
    if (peerId === this.#peerId || this.#recv === undefined || this.#recv.closed) {
      return;
    }

    const options = await this.#signaling.request('consume', {
      producerId,
      rtpCapabilities: this.#device.rtpCapabilities,
    });
    const consumer = await this.#recv.consume(options);

    await this.#signaling.request('resumeConsumer', { consumerId: consumer.id });
    this.#onTrack(consumer.track, peerId);
  }
}
