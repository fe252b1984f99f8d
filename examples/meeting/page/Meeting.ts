import { type DeviceHeartbeat, enableHeartbeat } from '@mediasoup-heartbeat/client';
import { Device, type types } from 'mediasoup-client';
import type { Direction, ProducerInfo } from '../signaling/messages.ts';
import type { SignalingChannel } from '../signaling/SignalingChannel.ts';

/** A participant: the device, its two transports and its heartbeat, what it sends and what it receives. */
export class Meeting {
  readonly heartbeats: DeviceHeartbeat;
  readonly #signaling: SignalingChannel;
  readonly #device: Device;
  readonly #onTrack: (track: MediaStreamTrack) => void;
  #peerId = '';
  #send: types.Transport | undefined;
  #recv: types.Transport | undefined;

  private constructor(
    signaling: SignalingChannel,
    device: Device,
    onTrack: (track: MediaStreamTrack) => void,
  ) {
    this.#signaling = signaling;
    this.#device = device;
    this.#onTrack = onTrack;
    // All that the client does for its heartbeat.
    this.heartbeats = enableHeartbeat(device);
  }

  /** Joins with the given tracks, or with none: a client that only listens is alive, too. */
  static async join(
    signaling: SignalingChannel,
    name: string,
    tracks: readonly MediaStreamTrack[],
    onTrack: (track: MediaStreamTrack) => void,
  ): Promise<Meeting> {
    const device = await Device.factory();
    const { routerRtpCapabilities } = await signaling.request('watch', {});

    await device.load({ routerRtpCapabilities });

    const meeting = new Meeting(signaling, device, onTrack);

    await meeting.#begin(name, tracks);

    return meeting;
  }

  /** Leaves. The heartbeat says goodbye before the transports are closed. */
  leave(): void {
    this.#send?.close();
    this.#recv?.close();
  }

  async #begin(name: string, tracks: readonly MediaStreamTrack[]): Promise<void> {
    this.#signaling.onNotification('newProducer', producer => this.#consume(producer));

    const { peerId, producers } = await this.#signaling.request('join', { name });

    this.#peerId = peerId;
    this.#send = await this.#createTransport('send');
    this.#recv = await this.#createTransport('recv');

    for (const track of tracks) {
      await this.#send.produce({ track });
    }

    await Promise.all(producers.map(producer => this.#consume(producer)));
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
    this.#onTrack(consumer.track);
  }
}
