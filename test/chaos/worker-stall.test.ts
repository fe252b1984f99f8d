import { decodeFrame, encodeFrame } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { RawClient } from '../harness/RawClient.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

vi.setConfig({ testTimeout: 60_000 });

/** A second worker goes on: somebody on it is silent from the same moment on, and tells by its death how long it has been. */
let stopped: { worker: types.Worker; router: types.Router };
let other: { worker: types.Worker; router: types.Router };
const closing: Array<() => void> = [];

beforeEach(async () => {
  [stopped, other] = await Promise.all([startRouter(), startRouter()]);
});

afterEach(() => {
  process.kill(stopped.worker.pid, 'SIGCONT');

  for (const close of closing.splice(0)) {
    close();
  }

  stopped.worker.close();
  other.worker.close();
});

async function joinPeer(interval: number): Promise<Heartbeat> {
  const transport = await createTransport(stopped.router);
  const heartbeat = await attachHeartbeat(transport, { interval });
  const peer = await new WirePeer({ transport, streamId: 0 }).connect();

  closing.push(() => peer.close());
  await untilState(heartbeat, 'alive');
  await until(heartbeat, 'sample', () => heartbeat.stats.received >= 5);

  return heartbeat;
}

/** Comes back with a function that waits until `ms` have passed since somebody fell silent. */
async function startClock(ms: number): Promise<() => Promise<void>> {
  const transport = await createTransport(other.router);
  const judged = await attachHeartbeat(transport, { interval: 100, unresponsiveAfter: ms, deadBefore: ms });
  const client = new RawClient({ transport, streamId: 0, acceptance: { version: 1 } });
  let answers = true;

  client.channel.onmessage = ({ data }) => {
    const frame = decodeFrame(new Uint8Array(data), 1);

    if (answers && frame.type === 'ping') {
      client.send(
        encodeFrame({ type: 'pong', seq: frame.seq, token: frame.token, hold: 0, seen: 0, hidden: 0 }, 1),
      );
    }
  };
  await client.connect();
  await untilState(judged, 'alive');
  closing.push(() => client.close());

  return async () => {
    answers = false;
    await untilState(judged, 'dead');
  };
}

it.each([100, 1000])(
  'a worker that stalls for 7 s makes none of its clients dead (interval %i ms)',
  async interval => {
    const heartbeats = await Promise.all([joinPeer(interval), joinPeer(interval), joinPeer(interval)]);
    const passes = await startClock(7000);
    const said: string[] = [];

    for (const heartbeat of heartbeats) {
      heartbeat.on('statechange', ({ state, reason }) => said.push(`${state}: ${reason}`));
    }

    process.kill(stopped.worker.pid, 'SIGSTOP');
    await passes();
    expect(said.filter(verdict => verdict.startsWith('dead'))).toEqual([]);
    process.kill(stopped.worker.pid, 'SIGCONT');
    await Promise.all(
      heartbeats.map(heartbeat => {
        const { received } = heartbeat.stats;

        return until(heartbeat, 'sample', () => heartbeat.stats.received >= received + 3);
      }),
    );
    expect(said.filter(verdict => verdict.startsWith('dead'))).toEqual([]);
    expect(heartbeats.map(({ state }) => state)).toEqual(['alive', 'alive', 'alive']);
  },
);
