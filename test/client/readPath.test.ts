import type { types } from 'mediasoup-client';
import { expect, test } from 'vitest';
import { readPath } from '../../packages/client/src/readPath.ts';

const PAIR = {
  id: 'pair',
  type: 'candidate-pair',
  bytesReceived: 100,
  requestsReceived: 0,
  responsesReceived: 5,
};
const OTHER = { id: 'other', type: 'candidate-pair', bytesReceived: 1000, requestsReceived: 7 };
const TRANSPORT = { id: 'transport', type: 'transport', bytesReceived: 12_345 };

/** Reads a connection that has these statistics. */
function read(...stats: Record<string, unknown>[]) {
  const transport = { getStats: async () => new Map(stats.map(one => [one.id, one])) };

  return readPath(transport as unknown as types.Transport);
}

test('received bytes and connectivity checks count, over all candidate pairs if the pair in use is unknown', async () => {
  expect(await read(PAIR, OTHER, TRANSPORT)).toMatchObject({ received: 105 + 1007, path: 'all' });
});

test.each([
  ['the transport names it', {}, { selectedCandidatePairId: 'pair' }],
  ['it is called selected', { selected: true, nominated: true }, {}],
  ['it was nominated', { nominated: true, state: 'succeeded' }, {}],
])('only the pair in use counts if %s', async (_, ofPair, ofTransport) => {
  const counters = await read(OTHER, { ...PAIR, ...ofPair }, { ...TRANSPORT, ...ofTransport });

  expect(counters).toMatchObject({ received: 105, path: 'pair' });
});

test('the bytes of all data channels count as data, both ways', async () => {
  const channel = (id: string, bytes: Record<string, number>) => ({ id, type: 'data-channel', ...bytes });

  expect(
    await read(PAIR, channel('a', { bytesSent: 1, bytesReceived: 20 }), channel('b', { bytesSent: 300 })),
  ).toMatchObject({ data: 321 });
});
