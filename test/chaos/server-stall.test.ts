import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { expectNothingLeft } from './leftovers.ts';
import { PeerProcess } from './peers/PeerProcess.ts';

vi.setConfig({ testTimeout: 120_000 });

const PEERS = 200;
const PROCESSES = 4;

/** How long the event loop is blocked, in ms: longer than an outage that kills. */
const BLOCKED = 5000;

let worker: types.Worker;
let router: types.Router;
let processes: PeerProcess[];

beforeAll(async () => {
  ({ worker, router } = await startRouter());
  processes = Array.from({ length: PROCESSES }, () => new PeerProcess());
});

afterAll(async () => {
  await Promise.all(processes.map(process => process.close()));
  worker.close();
});

it(`a server whose event loop is blocked for ${BLOCKED / 1000} s suspects none of its ${PEERS} clients`, async () => {
  const said = { server: [] as string[], client: [] as string[] };
  const heartbeats: [types.WebRtcTransport, Heartbeat][] = [];
  const sides = processes.map(process => {
    const states = new Map<string, string>();

    process.on('change', ({ peer, change }) => {
      states.set(peer, change.state);
      said.client.push(change.state);
    });

    return { process, states };
  });
  const clientsAlive = () =>
    Promise.all(
      sides.map(({ process, states }) =>
        until(
          process,
          'change',
          () => [...states.values()].filter(state => state === 'alive').length === PEERS / PROCESSES,
        ),
      ),
    );

  for (let index = 0; index < PEERS; index++) {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);

    heartbeats.push([transport, heartbeat]);
    processes[index % PROCESSES]?.join(String(index), router, transport);
  }

  await Promise.all(heartbeats.map(([, heartbeat]) => untilState(heartbeat, 'alive')));
  await clientsAlive();
  await Promise.all(heartbeats.map(([, heartbeat]) => answers(heartbeat, 2)));
  said.client.length = 0;

  for (const [, heartbeat] of heartbeats) {
    heartbeat.on('statechange', ({ state, reason }) => said.server.push(`${state}: ${reason}`));
  }

  block(BLOCKED);
  await Promise.all(heartbeats.map(([, heartbeat]) => answers(heartbeat, 3)));
  expect(said.server).toEqual([]);

  // The server did hang: a client may suspect it, but must not call it dead.
  await clientsAlive();
  expect(said.client).not.toContain('dead');

  for (const [transport] of heartbeats) {
    transport.close();
  }

  await expectNothingLeft(router);
});

/** Waits until a client has answered this many more pings. */
async function answers(heartbeat: Heartbeat, count: number): Promise<void> {
  const { received } = heartbeat.stats;

  await until(heartbeat, 'sample', () => heartbeat.stats.received >= received + count);
}

function block(ms: number): void {
  const end = performance.now() + ms;

  while (performance.now() < end);
}
