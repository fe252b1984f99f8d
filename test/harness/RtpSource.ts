import type { types } from 'mediasoup';

const SSRC = 1111;
const PAYLOAD_TYPE = 101;

/** A VP8 payload descriptor at the start of a frame, and the first byte of a key frame. No picture: nobody decodes it. */
const KEY_FRAME = [0x10, 0x00];

/** How often packets are sent, in ms, and how long they are. */
const EVERY = 10;
const BYTES = 500;

/** A video that a server makes up, packet by packet: key frames that nobody can decode. */
export class RtpSource {
  readonly producer: types.Producer;
  readonly #transport: types.DirectTransport;
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;

  private constructor(transport: types.DirectTransport, producer: types.Producer) {
    this.#transport = transport;
    this.producer = producer;
    this.#timer = setInterval(() => this.#send(), EVERY);
  }

  static async start(router: types.Router): Promise<RtpSource> {
    const direct = await router.createDirectTransport();
    const producer = await direct.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [{ mimeType: 'video/VP8', payloadType: PAYLOAD_TYPE, clockRate: 90_000 }],
        encodings: [{ ssrc: SSRC }],
      },
    });

    return new RtpSource(direct, producer);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#transport.close();
  }

  #send(): void {
    const packet = Buffer.alloc(BYTES);

    packet[0] = 0x80;
    // The marker: each packet is a frame.
    packet[1] = 0x80 | PAYLOAD_TYPE;
    packet.writeUInt16BE(this.#sequence % 65_536, 2);
    packet.writeUInt32BE(((this.#sequence++ * EVERY * 90) % 2 ** 32) >>> 0, 4);
    packet.writeUInt32BE(SSRC, 8);
    packet.set(KEY_FRAME, 12);

    if (!this.producer.closed) {
      this.producer.send(packet);
    }
  }
}
