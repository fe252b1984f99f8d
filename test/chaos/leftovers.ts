import type { types } from 'mediasoup';
import { expect } from 'vitest';
import { loops } from '../../packages/server/src/loops.ts';
import type { Call } from './Call.ts';

/** Expects that no heartbeat is left: no task, and nothing in the Router. */
export async function expectNothingLeft(router: types.Router): Promise<void> {
  // The bridge is closed one turn of the event loop later.
  await new Promise(resolve => setImmediate(resolve));
  expect(loops.size).toBe(0);
  expect(Object.hasOwn(router.observer, 'safeEmit')).toBe(false);
  expect(await router.dump()).toMatchObject({
    transportIds: [],
    mapDataProducerIdDataConsumerIds: [],
    mapDataConsumerIdDataProducerId: [],
  });
}

/** The methods that the client side overrides on the handler of its transport. */
const OVERRIDDEN = [
  'close',
  'receive',
  'receiveDataChannel',
  'restartIce',
  'send',
  'sendDataChannel',
  'stopSending',
  'updateIceServers',
];

/** Expects that a call with a closed transport keeps nothing: no listener, no hook, no timer. */
export function expectReleased({ transport, server, peer, client }: Call): void {
  expect(server.state).toBe('closed');

  for (const event of ['close', 'icestatechange', 'dtlsstatechange', 'sctpstatechange'] as const) {
    expect(transport.observer.listenerCount(event), event).toBe(0);
  }

  for (const hooked of ['close', 'connect', 'consumeData', 'restartIce', 'sctpParameters']) {
    expect(Object.hasOwn(transport, hooked), hooked).toBe(false);
  }

  expect(Object.hasOwn(transport.observer, 'safeEmit')).toBe(false);
  expect(client.state).toBe('closed');

  for (const overridden of OVERRIDDEN) {
    expect(Object.hasOwn(peer.handler, overridden), overridden).toBe(false);
  }
}
