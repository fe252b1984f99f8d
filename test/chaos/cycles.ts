import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { loops } from '../../packages/server/src/loops.ts';
import { startRouter } from '../harness/server.ts';

// Attaches and closes heartbeats, each with its return stream open, and prints as JSON what is left of them:
//   node --expose-gc --import ./sources.ts cycles.ts COUNT

/** The resources that heartbeats use, at some time. */
export type Inventory = {
  tasks: number;
  listeners: number;
  /** What keeps the process alive, sorted. */
  resources: string[];
  router: types.RouterDump;
  worker: types.WorkerDump;
};

/** What it printed. */
export type Leftovers = {
  before: Inventory;
  after: Inventory;
  /** The heap in bytes, collected, after each tenth of the cycles. */
  heaps: number[];
  /** The most memory that the worker needed until then, in bytes. */
  workers: number[];
  /** How many return streams have been open. */
  waysBack: number;
  unhandled: string[];
};

/** How many are attached at a time. */
const AT_ONCE = 10;

const count = Number(process.argv[2]);
const unhandled: string[] = [];

process.on('unhandledRejection', reason => unhandled.push(String(reason)));

const { worker, router } = await startRouter();
/** Stays open: every other heartbeat is attached to it, and closed. The others go with their transports. */
const lasting = await openTransport();
const before = await inventory();
const heaps: number[] = [];
const workers: number[] = [];
let waysBack = 0;

for (let cycles = 0; cycles < count; ) {
  for (const end = cycles + count / 10; cycles < end; cycles += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => (index === 0 ? attachTo(lasting) : attachToNew())),
    );
  }

  heaps.push(await collectedHeap());
  workers.push((await worker.getResourceUsage()).ru_maxrss * 1024);
}

const leftovers: Leftovers = { before, after: await inventory(), heaps, workers, waysBack, unhandled };

console.log(JSON.stringify(leftovers));
worker.close();

async function inventory(): Promise<Inventory> {
  return {
    tasks: loops.size,
    listeners: lasting.observer.eventNames().length,
    resources: process.getActiveResourcesInfo().toSorted(),
    router: await router.dump(),
    worker: await worker.dump(),
  };
}

/** A transport that is connected without a client. */
async function openTransport(): Promise<types.PlainTransport> {
  return router.createPlainTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSctp: true });
}

async function attachToNew(): Promise<void> {
  const transport = await openTransport();

  await openWayBack(transport);
  transport.close();
}

async function attachTo(transport: types.PlainTransport): Promise<void> {
  const heartbeat = await attachHeartbeat(transport);

  heartbeat.on('statechange', () => {});
  heartbeat.close();
}

async function openWayBack(transport: types.PlainTransport): Promise<void> {
  const heartbeat = await attachHeartbeat(transport, { advertise: false });

  heartbeat.on('statechange', () => {});
  // No client is there, but nothing notices that so soon.
  await transport.connect({ ip: '127.0.0.1', port: 9 });

  // Answered behind what the heartbeat has asked for since.
  const { dataProducerIds } = await transport.dump();

  waysBack += dataProducerIds.length;
}

async function collectedHeap(): Promise<number> {
  // Weakly held objects are collected one turn later.
  for (let round = 0; round < 3; round++) {
    await new Promise(resolve => setImmediate(resolve));
    globalThis.gc?.();
  }

  return process.memoryUsage().heapUsed;
}
