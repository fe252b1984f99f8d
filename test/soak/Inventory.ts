import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { types } from 'mediasoup';
import { loops } from '../../packages/server/src/loops.ts';

/** The resources while no client is there. They must be the same before and after, and memory nearly so. */
export type Inventory = {
  /** The heap in bytes, collected. */
  heap: number;
  /** The most memory that the worker has needed so far, in bytes. */
  worker: number;
  /** Everything else, by name. */
  counts: Record<string, number>;
};

type Emitter = { eventNames(): (string | symbol)[]; listenerCount(event: never): number };

/** How much more memory there may be in the end, in bytes. */
const HEAP_NOISE = 8_000_000;
const WORKER_NOISE = 32_000_000;

/** How long released handles take to close, in ms. */
const LETTING_GO = 500;

/** Takes it, when all peers have left. */
export async function takeInventory(worker: types.Worker, router: types.Router): Promise<Inventory> {
  await new Promise(resolve => setTimeout(resolve, LETTING_GO));

  const counts: Record<string, number> = {};
  const { ru_maxrss } = await worker.getResourceUsage();
  const { channelMessageHandlers } = await worker.dump();
  const { id, ...objects } = await router.dump();

  counts.tasks = loops.size;
  counts.handlers =
    channelMessageHandlers.channelRequestHandlers.length +
    channelMessageHandlers.channelNotificationHandlers.length;

  for (const resource of process.getActiveResourcesInfo()) {
    counts[resource] = (counts[resource] ?? 0) + 1;
  }

  for (const [name, entries] of Object.entries(objects)) {
    counts[name] = entries.length;
  }

  const emitters: Record<string, Emitter> = { process, worker, router, observer: router.observer };

  for (const [name, emitter] of Object.entries(emitters)) {
    counts[`listeners of ${name}`] = emitter
      .eventNames()
      .reduce<number>((sum, event) => sum + emitter.listenerCount(event as never), 0);
  }

  return { heap: await collectedHeap(), worker: ru_maxrss * 1024, counts };
}

/** The differences between two of them. */
export function compareInventories(before: Inventory, after: Inventory): string[] {
  const complaints: string[] = [];

  for (const name of new Set([...Object.keys(before.counts), ...Object.keys(after.counts)])) {
    const [was, is] = [before.counts[name] ?? 0, after.counts[name] ?? 0];

    if (was !== is) {
      complaints.push(`${name}: ${was} before, ${is} after`);
    }
  }

  if (after.heap - before.heap > HEAP_NOISE) {
    complaints.push(`heap: ${megabytes(before.heap)} before, ${megabytes(after.heap)} after`);
  }

  if (after.worker - before.worker > WORKER_NOISE) {
    complaints.push(
      `memory of the worker: ${megabytes(before.worker)} before, ${megabytes(after.worker)} after`,
    );
  }

  return complaints;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function collectedHeap(): Promise<number> {
  setFlagsFromString('--expose-gc');

  const collect = runInNewContext('gc') as () => void;

  // Weakly held objects are collected one turn later.
  for (let round = 0; round < 3; round++) {
    await new Promise(resolve => setImmediate(resolve));
    collect();
  }

  return process.memoryUsage().heapUsed;
}
