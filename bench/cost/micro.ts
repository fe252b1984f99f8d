import {
  createAdaptiveDetector,
  decodeFrame,
  encodeFrame,
  type Frame,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import { pack, unpack } from 'msgpackr';
import protobuf from 'protobufjs';

/** One way to write a ping: its length in bytes, and the time of one encoding and one decoding in ns. */
export type CodecFigures = { bytes: number; encode: number; decode: number };

/** A ping of the usual size. */
const PING = { type: 'ping', seq: 300, token: 0xdead_beef, ack: 1, ackHold: 3996, pongs: 44 } satisfies Frame;

const SCHEMA = `
  syntax = "proto3";
  message Ping { uint32 seq = 1; uint32 token = 2; uint32 ack = 3; uint32 ackHold = 4; uint32 pongs = 5; }
`;

/** What this project's codec costs beside what else could write the same. Only ours checks what it reads. */
export function compareCodecs(): Record<string, CodecFigures> {
  const Ping = protobuf.parse(SCHEMA).root.lookupType('Ping');
  const { type: _, ...fields } = PING;

  return {
    ours: measure(
      () => encodeFrame(PING, 1),
      bytes => decodeFrame(bytes, 1),
    ),
    JSON: measure(
      () => Buffer.from(JSON.stringify(PING)),
      bytes => JSON.parse(Buffer.from(bytes).toString()),
    ),
    protobufjs: measure(
      () => Ping.encode(fields).finish(),
      bytes => Ping.decode(bytes),
    ),
    'msgpackr, an array': measure(
      () => pack([1, 1, ...Object.values(fields)]),
      bytes => unpack(bytes),
    ),
    'msgpackr, an object': measure(
      () => pack(PING),
      bytes => unpack(bytes),
    ),
  };
}

/** The length of each frame as it usually is, in bytes. */
export function frameBytes(): Record<string, number> {
  const { seq, token } = PING;
  const usual: readonly Frame[] = [
    PING,
    { type: 'pong', seq, token, hold: 2, seen: 0xffff_ffff, hidden: 0 },
    { type: 'report', state: 1, rtt: 160, downlink: 5, uplink: 5 },
    { type: 'hello', instance: 0xdead_beef, hidden: 0 },
    { type: 'goodbye', cause: 0 },
  ];

  return Object.fromEntries(usual.map(frame => [frame.type, encodeFrame(frame, 1).length]));
}

/** The time in ns that the detector takes for one answer. */
export function detectorStep(): number {
  const detector = createAdaptiveDetector(resolveDetectorOptions(), 'server');
  let now = 0;

  detector.begin(now);

  return timeOf(() => {
    now += 1000;
    detector.heard(now, now - 20, true);
  });
}

function measure(encode: () => Uint8Array, decode: (bytes: Uint8Array) => unknown): CodecFigures {
  const bytes = Uint8Array.from(encode());

  return { bytes: bytes.length, encode: timeOf(encode), decode: timeOf(() => decode(bytes)) };
}

/** The median time of a call in ns. */
function timeOf(call: () => unknown): number {
  const times: number[] = [];

  for (let round = 0; round < 15; round++) {
    const startedAt = performance.now();

    for (let i = 0; i < 20_000; i++) {
      call();
    }

    times.push(((performance.now() - startedAt) / 20_000) * 1e6);
  }

  return times.sort((a, b) => a - b)[7] ?? Number.NaN;
}
