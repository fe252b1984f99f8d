import type { types } from 'mediasoup';

/** The SSRC of the first layer. Each further one has the next. */
const SSRC = 1111;
const PAYLOAD_TYPE = 101;

/** A VP8 payload descriptor at the start of a frame, and the first byte of a key frame. No picture: nobody decodes it. */
const KEY_FRAME = [0x10, 0x00];

/** How often packets are sent, in ms, and how long they are. */
const EVERY = 10;
const BYTES = 500;

/** How often the sender reports follow, in packets: mediasoup needs one of each layer to switch between them. */
const REPORT_EVERY = 50;

/** From NTP's epoch to Unix's, in seconds. */
const NTP_OFFSET = 2_208_988_800;

/** A video that a server makes up, packet by packet: key frames that nobody can decode. */
export class RtpSource {
  readonly producer: types.Producer;
  readonly #transport: types.DirectTransport;
  readonly #timer: NodeJS.Timeout;
  readonly #ssrcs: readonly number[];
  #sequence = 0;

  private constructor(transport: types.DirectTransport, producer: types.Producer, ssrcs: readonly number[]) {
    this.#transport = transport;
    this.producer = producer;
    this.#ssrcs = ssrcs;
    this.#timer = setInterval(() => this.#send(), EVERY);
  }

  /** @param layers - How many layers of simulcast it has. */
  static async start(router: types.Router, layers = 1): Promise<RtpSource> {
    const direct = await router.createDirectTransport();
    const ssrcs = Array.from({ length: layers }, (_, layer) => SSRC + layer);
    const producer = await direct.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [{ mimeType: 'video/VP8', payloadType: PAYLOAD_TYPE, clockRate: 90_000 }],
        encodings: ssrcs.map(ssrc => ({ ssrc })),
      },
    });

    return new RtpSource(direct, producer, ssrcs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#transport.close();
  }

  #send(): void {
    if (this.producer.closed) {
      return;
    }

    const timestamp = ((this.#sequence * EVERY * 90) % 2 ** 32) >>> 0;

    for (const ssrc of this.#ssrcs) {
      const packet = Buffer.alloc(BYTES);

      packet[0] = 0x80;
      // The marker: each packet is a frame.
      packet[1] = 0x80 | PAYLOAD_TYPE;
      packet.writeUInt16BE(this.#sequence % 65_536, 2);
      packet.writeUInt32BE(timestamp, 4);
      packet.writeUInt32BE(ssrc, 8);
      packet.set(KEY_FRAME, 12);
      this.producer.send(packet);

      if (this.#ssrcs.length > 1 && this.#sequence % REPORT_EVERY === 1) {
        this.#transport.sendRtcp(senderReport(ssrc, timestamp));
      }
    }

    this.#sequence++;
  }
}

function senderReport(ssrc: number, timestamp: number): Buffer {
  const report = Buffer.alloc(28);
  const now = Date.now();

  report.set([0x80, 200, 0, 6]);
  report.writeUInt32BE(ssrc, 4);
  report.writeUInt32BE(Math.floor(now / 1000) + NTP_OFFSET, 8);
  report.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32), 12);
  report.writeUInt32BE(timestamp, 16);

  return report;
}
