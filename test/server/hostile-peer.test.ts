import { AdaptiveDetector, decodeFrame, encodeFrame, type Ping } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat, type FrameErrorCode, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loops } from '../../packages/server/src/loops.ts';
import { countArrivals } from '../harness/arrivals.ts';
import { insist, until, untilState } from '../harness/events.ts';
import { RawClient } from '../harness/RawClient.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;
let transport: types.WebRtcTransport;
let heartbeat: Heartbeat;
let client: RawClient;
/** The messages that have reached Node, of each heartbeat's peer. */
let arrivals: (() => number)[];
/** Answers the server's pings as the test wants. */
let onPing: (ping: Ping) => void;

beforeEach(async () => {
  ({ worker, router } = await startRouter());
  arrivals = countArrivals(router);
  transport = await createTransport(router);
  vi.spyOn(transport, 'produceData');
  heartbeat = await attachHeartbeat(transport, { interval: 200 });
  client = new RawClient({ transport, streamId: 0, acceptance: { version: 1 } });
  onPing = ping => client.send(pongTo(ping));
  client.channel.onmessage = ({ data }) => {
    const frame = decodeFrame(new Uint8Array(data), 1);

    if (frame.type === 'ping') {
      onPing(frame);
    }
  };
  await client.connect();
  await untilState(heartbeat, 'alive');
});

afterEach(() => {
  client.close();
  worker.close();
  expect(loops.size).toBe(0);
});

const pongTo = ({ seq, token }: Ping) => encodeFrame({ type: 'pong', seq, token, hold: 0, seen: 0 }, 1);

/** Waits until another client has answered this many more pings. */
async function answers(other: Heartbeat, count: number): Promise<void> {
  const { received } = other.stats;

  await until(other, 'sample', () => other.stats.received >= received + count);
}

/** Sends frames that are dropped, and waits until they have been. */
async function drop(...frames: Uint8Array[]): Promise<void> {
  const { malformed } = heartbeat.stats;

  for (const frame of frames) {
    client.send(frame);
  }

  await until(heartbeat, 'sample', () => heartbeat.stats.malformed >= malformed + frames.length);
}

describe('frames that are dropped and counted', () => {
  it.each<[string, FrameErrorCode, Uint8Array]>([
    ['truncated', 'shape', Uint8Array.of(1, 0x95, 2, 0xcd)],
    ['oversized', 'oversized', new Uint8Array(65).fill(1)],
    ['of an unknown type', 'type', Uint8Array.of(1, 0x92, 99, 0)],
    ['of a future version', 'version', encodeFrame({ type: 'hello', instance: 1, hidden: 0 }, 2)],
    ['with a field of the wrong type', 'field', Uint8Array.of(1, 0x92, 5, 0xa1, 0x30)],
    [
      'with a pong to a ping that was never sent',
      'field',
      encodeFrame({ type: 'pong', seq: 999, token: 1, hold: 0, seen: 0 }, 1),
    ],
    [
      'that only a server sends',
      'type',
      encodeFrame({ type: 'report', state: 1, rtt: 0, downlink: 0, uplink: 0 }, 1),
    ],
  ])('an invalid frame is dropped and counted: %s', async (_, code, frame) => {
    const dropped = vi.fn();

    heartbeat.on('dropped', dropped);
    await drop(frame, frame);
    expect(dropped).toHaveBeenCalledTimes(1);
    expect(dropped).toHaveBeenCalledWith(expect.objectContaining({ code }));
    expect(heartbeat.state).toBe('alive');
  });

  it('a second answer to a ping is dropped and counted', async () => {
    onPing = ping => {
      client.send(pongTo(ping));
      client.send(pongTo(ping));
    };
    await until(heartbeat, 'sample', () => heartbeat.stats.malformed > 0);
    expect(heartbeat.state).toBe('alive');
  });

  it('an answer for another client is dropped and proves nothing for either', async () => {
    const neighbourTransport = await createTransport(router);
    const neighbour = await attachHeartbeat(neighbourTransport, { interval: 200 });
    const peer = await new WirePeer({ transport: neighbourTransport, streamId: 0 }).connect();

    await untilState(neighbour, 'alive');
    peer.client.channel.addEventListener('message', ({ data }) => {
      const frame = decodeFrame(new Uint8Array(data), 1);

      if (frame.type === 'ping') {
        client.send(pongTo(frame));
      }
    });
    await until(heartbeat, 'sample', () => heartbeat.stats.malformed > 0);
    expect(heartbeat.state).toBe('alive');
    expect(neighbour.stats.malformed).toBe(0);
    peer.close();
  });
});

it('an empty message is ignored', async () => {
  client.send(new Uint8Array(0));
  await drop(Uint8Array.of(1));
  expect(heartbeat.state).toBe('alive');
});

it('[HB-SEC-5] an error of our own is reported, and the client is not judged by it', async () => {
  const heard = vi.spyOn(AdaptiveDetector.prototype, 'heard').mockImplementation(() => {
    throw new TypeError('a fault');
  });
  const told: Error[] = [];
  const dropped = vi.fn();

  heartbeat.on('internalerror', error => told.push(error));
  heartbeat.observer.on('internalerror', error => told.push(error));
  heartbeat.on('dropped', dropped);
  await until(heartbeat, 'sample', () => heartbeat.stats.internalErrors >= 3);
  heard.mockRestore();
  await untilState(heartbeat, 'alive');

  expect(told).toEqual([new TypeError('a fault'), new TypeError('a fault')]);
  expect(dropped).not.toHaveBeenCalled();
  expect(heartbeat.stats.malformed).toBe(0);
});

it('a client that answers late seems as far away as it is', async () => {
  const held: Ping[] = [];

  onPing = ping => {
    held.push(ping);

    if (held.length > 3) {
      client.send(pongTo(held.shift() as Ping));
    }
  };
  await until(heartbeat, 'sample', () => (heartbeat.stats.rtt.last ?? 0) > 200);
  expect(heartbeat.stats.malformed).toBe(0);
});

it('answers ahead of the pings prove nothing and are a protocol violation', async () => {
  const samples = vi.fn();
  let guessed = 0;

  onPing = () => {};
  heartbeat.on('sample', samples);
  await insist(
    () => client.send(pongTo({ seq: guessed++ & 0xffff, token: 12_345 } as Ping)),
    untilState(heartbeat, 'dead'),
  );
  expect(heartbeat.reason).toBe('protocol-violation');
  expect(samples).not.toHaveBeenCalled();
});

it('absurd counters affect only the statistics about their sender, which stay valid numbers', async () => {
  let seen = 0;

  onPing = ({ seq, token }) => {
    seen = seen === 0 ? 0xffff_ffff : 0;
    client.send(encodeFrame({ type: 'pong', seq, token, hold: 0, seen }, 1));
  };
  // A ping counts 3 s after it left.
  await until(heartbeat, 'sample', () => heartbeat.stats.loss.window > 10);

  const { downlink, uplink, round } = heartbeat.stats.loss;

  for (const share of [downlink, uplink, round]) {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  }

  expect(heartbeat.state).toBe('alive');
});

it('a claimed hold time shortens the RTT by at most 100 ms and never below 0', async () => {
  const near: number[] = [];
  let far = 0;

  onPing = ({ seq, token }) =>
    client.send(encodeFrame({ type: 'pong', seq, token, hold: 65_535, seen: 0 }, 1));
  heartbeat.on('sample', ({ rtt, hold }) => {
    near.push(rtt);
    expect(hold).toBeLessThanOrEqual(100);
  });
  await until(heartbeat, 'sample', () => near.length >= 3);
  expect(Math.min(...near)).toBeGreaterThanOrEqual(0);

  // Each ping is answered when the tenth after it comes, and claims to have been held all the time.
  const held: Ping[] = [];

  onPing = ping => {
    held.push(ping);

    if (held.length > 10) {
      const { seq, token } = held.shift() as Ping;

      client.send(encodeFrame({ type: 'pong', seq, token, hold: 65_535, seen: 0 }, 1));
    }
  };
  heartbeat.on('sample', ({ rtt, hold }) => {
    far = hold === 100 ? rtt : far;
  });
  await until(heartbeat, 'sample', () => far > 200);
});

it('a client that announces silence instead of answering is dead when the first announcement is over', async () => {
  const other = await createTransport(router);
  const judged = await attachHeartbeat(other, {
    interval: 200,
    frozenTimeout: 1000,
    // Its network stack is alive.
    unresponsiveAfter: 6000,
  });
  const silent = new RawClient({ transport: other, streamId: 0, acceptance: { version: 1 } });
  const frames = ([0, 2] as const).flatMap(cause => [
    encodeFrame({ type: 'paused', cause, duration: 1000 }, 1),
    encodeFrame({ type: 'resumed', cause }, 1),
  ]);

  silent.channel.onmessage = ({ data }) => {
    const frame = decodeFrame(new Uint8Array(data), 1);

    if (frame.type === 'ping' && judged.state === 'pending') {
      silent.send(pongTo(frame));
    } else if (frame.type === 'ping') {
      for (const announcement of frames) {
        silent.send(announcement);
      }
    }
  };
  await silent.connect();
  await untilState(judged, 'alive');
  await untilState(judged, 'dead');
  expect(judged.stats.received).toBeLessThan(5);
  silent.close();
});

it.each([
  ['10,000 frames', 10_000, 20],
  ['messages of 256 kB', 1, 256_000],
])(
  '%s from a client are a protocol violation: the worker drops the rest and other clients notice nothing',
  async (_, count, bytes) => {
    const neighbourTransport = await createTransport(router);
    const neighbour = await attachHeartbeat(neighbourTransport, { interval: 200 });
    const peer = await new WirePeer({ transport: neighbourTransport, streamId: 0 }).connect();
    const changes = vi.fn();

    await untilState(neighbour, 'alive');
    neighbour.on('statechange', changes);

    await insist(
      () => {
        for (let i = 0; i < count; i++) {
          client.send(new Uint8Array(bytes));
        }
      },
      untilState(heartbeat, 'dead'),
    );
    expect(heartbeat.reason).toBe('protocol-violation');

    const dataProducer = await vi.mocked(transport.produceData).mock.results[0]?.value;

    expect(await dataProducer.dump()).toMatchObject({ paused: true });
    expect(dataProducer.closed).toBe(false);

    // When other clients have answered again, everything that the worker let through before has arrived.
    await answers(neighbour, 2);

    const before = arrivals[0]?.();

    for (let i = 0; i < 100; i++) {
      client.send(new Uint8Array(20));
    }

    await answers(neighbour, 2);
    expect(before).toBeGreaterThan(0);
    expect(arrivals[0]?.()).toBe(before);
    expect(heartbeat.state).toBe('dead');
    expect(changes).not.toHaveBeenCalled();
    peer.close();
  },
);
