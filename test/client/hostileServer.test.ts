import { enableHeartbeat, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import {
  AdaptiveDetector,
  decodeFrame,
  encodeFrame,
  PauseCause,
  type Pong,
  STREAM_OPTIONS,
} from '@mediasoup-heartbeat/protocol';
import wrtc from '@roamhq/wrtc';
import type { types as server } from 'mediasoup';
import type { types } from 'mediasoup-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { insist, until, untilState } from '../harness/events.ts';
import { createDevice } from '../harness/peer.ts';
import { createTransport, startRouter } from '../harness/server.ts';

let worker: server.Worker;
let direct: server.DirectTransport;
/** The server's side of the heartbeat's channel, controlled by the test. */
let hostile: server.DataProducer;
let serverTransport: server.WebRtcTransport;
let transport: types.Transport;
let heartbeat: TransportHeartbeat;
/** The channels that were created in the client. */
const created = vi.spyOn(wrtc.RTCPeerConnection.prototype, 'createDataChannel');
/** The client's answers. */
let pongs: Pong[];
let seq: number;

beforeEach(async () => {
  const started = await startRouter();
  const device = createDevice();

  worker = started.worker;
  direct = await started.router.createDirectTransport();
  hostile = await direct.produceData();
  serverTransport = await createTransport(started.router);
  pongs = [];
  seq = 0;
  created.mockClear();

  // Reliable, because otherwise a large message is given up halfway. A hostile server may do this.
  const { sctpStreamParameters } = await serverTransport.consumeData({ dataProducerId: hostile.id });
  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = serverTransport;
  const streamId = sctpStreamParameters?.streamId as number;

  await device.load({ routerRtpCapabilities: started.router.rtpCapabilities as types.RtpCapabilities });

  const heartbeats = enableHeartbeat(device, { connectIdleAfter: 0, unresponsiveAfter: 7000 });

  transport = device.createRecvTransport({
    id,
    iceParameters,
    iceCandidates: iceCandidates as types.IceCandidate[],
    dtlsParameters,
    sctpParameters: {
      ...sctpParameters,
      heartbeat: { versions: [1], streamId, interval: 1000 },
    } as types.SctpParameters,
  });
  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    serverTransport.connect({ dtlsParameters }).then(callback, errback);
  });
  heartbeat = heartbeats.transports.get(id) as TransportHeartbeat;

  const returnStream = await serverTransport.produceData({
    sctpStreamParameters: { streamId, ...STREAM_OPTIONS },
  });
  const answers = await direct.consumeData({ dataProducerId: returnStream.id });
  const greeted = new Promise<void>(resolve => {
    answers.on('message', message => {
      const frame = decodeFrame(message, 1);

      if (frame.type === 'pong') {
        pongs.push(frame);
      } else if (frame.type === 'hello') {
        resolve();
      }
    });
  });

  await greeted;
  ping();
  await untilState(heartbeat, 'alive');
});

afterEach(() => {
  transport.close();
  worker.close();
});

const encodePing = (number: number) =>
  encodeFrame({ type: 'ping', seq: number, token: 7, ack: 0, ackHold: 0, pongs: 0 }, 1);

function send(frame: Uint8Array): void {
  hostile.send(Buffer.from(frame));
}

function ping(): void {
  send(encodePing(seq++));
}

/** When the client has heard this ping, everything sent before has arrived. */
async function settle(): Promise<void> {
  const { received } = heartbeat.stats;

  ping();

  for (const deadline = Date.now() + 10_000; heartbeat.stats.received === received; ) {
    expect(Date.now()).toBeLessThan(deadline);
    await new Promise(resolve => setImmediate(resolve));
  }
}

test.each<[string, Uint8Array, string]>([
  ['truncated', Uint8Array.of(1, 0x96, 1, 0xcd), 'shape'],
  ['oversized', new Uint8Array(65).fill(1), 'oversized'],
  ['of an unknown type', Uint8Array.of(1, 0x92, 99, 0), 'type'],
  ['of a future version', encodeFrame({ type: 'goodbye', cause: 0 }, 2), 'version'],
  ['with a field of the wrong type', Uint8Array.of(1, 0x92, 5, 0xa1, 0x30), 'field'],
  ['that only a client sends', encodeFrame({ type: 'hello', instance: 1, hidden: 0 }, 1), 'type'],
  ['that was sent before', encodePing(0), 'field'],
])('an invalid frame from the server is dropped, counted and not answered: %s', async (_, frame, code) => {
  const dropped: unknown[] = [];

  heartbeat.on('dropped', error => dropped.push(error.code));
  heartbeat.observer.on('dropped', error => dropped.push(error.code));
  send(frame);
  await settle();

  expect(dropped).toEqual([code, code]);

  expect(heartbeat.stats.malformed).toBe(1);
  expect(heartbeat.state).toBe('alive');
  expect(pongs.filter(pong => pong.seq === 0).length).toBeLessThanOrEqual(1);
});

test('[HB-SEC-5] an error of our own is reported, and the server is not judged by it', async () => {
  const written = vi.spyOn(console, 'error').mockImplementation(() => {});
  const told: Error[] = [];

  const heard = vi.spyOn(AdaptiveDetector.prototype, 'heard').mockImplementation(() => {
    throw new TypeError('a fault');
  });

  heartbeat.on('internalerror', error => told.push(error));
  await settle();
  await settle();
  heard.mockRestore();

  expect(told).toEqual([new TypeError('a fault')]);
  expect(written).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('internal error'), told[0]);
  written.mockRestore();
  expect(heartbeat.stats).toMatchObject({ malformed: 0, internalErrors: 2 });
  expect(heartbeat.state).toBe('alive');
});

test('a text message from the server is dropped and counted', async () => {
  hostile.send('are you there?');
  await settle();
  expect(heartbeat.stats.malformed).toBe(1);
});

test.each([
  ['10,000 frames', 10_000, 20],
  ['messages of 256 kB', 1, 256_000],
])(
  '%s from the server are a protocol violation: the channel closes and the application goes on',
  async (_, count, bytes) => {
    const [channel] = created.mock.results.map(({ value }) => value as RTCDataChannel) as [RTCDataChannel];
    const source = await direct.produceData();
    const { id, sctpStreamParameters } = await serverTransport.consumeData({ dataProducerId: source.id });
    const consumer = await transport.consumeData({
      id,
      dataProducerId: source.id,
      sctpStreamParameters: sctpStreamParameters as types.SctpStreamParameters,
    });

    await until(consumer, 'open', () => consumer.readyState === 'open');

    const frame = new Uint8Array(bytes);

    await insist(
      () => {
        for (let i = 0; i < count; i++) {
          send(frame);
        }
      },
      untilState(heartbeat, 'dead'),
    );
    expect(heartbeat.reason).toBe('protocol-violation');
    expect(['closing', 'closed']).toContain(channel.readyState);
    await insist(() => source.send('still here'), new Promise(resolve => consumer.on('message', resolve)));
  },
);

test('a server that keeps saying that it is back, but does not ping, is dead', async () => {
  const back = encodeFrame({ type: 'resumed', cause: PauseCause.Interruption }, 1);

  const timer = setInterval(() => send(back), 100);

  await untilState(heartbeat, 'dead');
  clearInterval(timer);
  // Its network stack is alive.
  expect(heartbeat.reason).toBe('server-unresponsive');
});

test('absurd numbers from the server affect only statistics, which stay valid numbers', async () => {
  const changes = vi.fn();

  heartbeat.on('statechange', changes);
  send(encodeFrame({ type: 'report', state: 3, rtt: 65_535, downlink: 1000, uplink: 1000 }, 1));
  send(encodeFrame({ type: 'ping', seq: 20_000, token: 7, ack: 127, ackHold: 65_534, pongs: 127 }, 1));
  seq = 20_001;
  await settle();

  const { rtt, loss, silentFor } = heartbeat.stats;

  for (const figure of [...Object.values(rtt), ...Object.values(loss), silentFor]) {
    expect(figure ?? 0).toBeGreaterThanOrEqual(0);
    expect(figure ?? 0).toBeLessThan(1000);
  }

  expect(heartbeat.report?.state).toBe('dead');
  expect(changes).not.toHaveBeenCalled();
});
