import type { types } from 'mediasoup';
import { expect } from 'vitest';
import { scheduler } from '../../packages/server/src/Scheduler.ts';
import type { Call } from './Call.ts';

/** Expects that no heartbeat is left anywhere: no task, and in the Router nothing at all. */
export async function expectNothingLeft(router: types.Router): Promise<void> {
  expect(scheduler.size).toBe(0);
  expect(await router.dump()).toMatchObject({
    transportIds: [],
    mapDataProducerIdDataConsumerIds: [],
    mapDataConsumerIdDataProducerId: [],
  });
}

/** Expects that a call whose transport is closed holds on to nothing: no listener, no hook, no timer. */
export function expectReleased({ transport, server }: Call): void {
  expect(server.state).toBe('closed');
  expect(server.dueAt).toBe(Number.POSITIVE_INFINITY);

  for (const event of ['close', 'icestatechange', 'dtlsstatechange', 'sctpstatechange'] as const) {
    expect(transport.observer.listenerCount(event), event).toBe(0);
  }

  for (const hooked of ['connect', 'restartIce', 'sctpParameters']) {
    expect(Object.keys(transport), hooked).not.toContain(hooked);
  }
}
