import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Chunk types, and the type of the parameter with the cookie (RFC 9260 §3.2 and §3.3). */
const INIT = 1;
const INIT_ACK = 2;
const ABORT = 6;
const COOKIE_ECHO = 10;
const COOKIE = 7;

/**
 * An SCTP peer that aborts each association while it is being set up, so that it fails: plain SCTP in UDP, as a
 * PlainTransport speaks it.
 */
export class SctpRefuser {
  readonly #socket: Socket;
  /** The verification tag of the other side, from its INIT. */
  #tag = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, { port, address }) => {
      if (packet[12] === INIT) {
        this.#tag = packet.readUInt32BE(16);
        socket.send(this.#packet(INIT_ACK, initAck()), port, address);
      } else if (packet[12] === COOKIE_ECHO) {
        socket.send(this.#packet(ABORT, Buffer.alloc(0)), port, address);
      }
    });
  }

  static async open(): Promise<SctpRefuser> {
    const socket = createSocket('udp4');

    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');

    return new SctpRefuser(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  /** A packet with one chunk, between the ports that WebRTC always uses (RFC 8841 §5). */
  #packet(type: number, body: Buffer): Buffer {
    const packet = Buffer.alloc(16 + body.length);

    packet.writeUInt16BE(5000, 0);
    packet.writeUInt16BE(5000, 2);
    packet.writeUInt32BE(this.#tag, 4);
    packet.writeUInt8(type, 12);
    packet.writeUInt16BE(4 + body.length, 14);
    body.copy(packet, 16);
    packet.writeUInt32LE(crc32c(packet), 8);

    return packet;
  }
}

/** Tag, window, streams out and in, first TSN, and a cookie. */
function initAck(): Buffer {
  const body = Buffer.alloc(24);

  body.writeUInt32BE(1, 0);
  body.writeUInt32BE(0xffff, 4);
  body.writeUInt16BE(16, 8);
  body.writeUInt16BE(16, 10);
  body.writeUInt32BE(1, 12);
  body.writeUInt16BE(COOKIE, 16);
  body.writeUInt16BE(8, 18);

  return body;
}

/** SCTP's checksum (RFC 9260, appendix A), bit by bit. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffff_ffff;

  for (const byte of bytes) {
    crc ^= byte;

    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
    }
  }

  return ~crc >>> 0;
}
