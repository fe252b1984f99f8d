import type { PathCounters } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';

/** What the counters of a connection say. */
export type ClientPath = PathCounters & {
  /** How long ago media or data came last on the path in use, in ms. `undefined`: the browser does not tell. */
  quietFor: number | undefined;
  /** The client's own address on it. `undefined`: the browser does not tell. */
  address: string | undefined;
};

/**
 * Reads the counters of a connection: everything that came, bytes of media and data and also path checks. They are those of the
 * candidate pair in use, if the browser tells which it is: it may check other pairs that lead nowhere. Otherwise those of all pairs.
 *
 * @throws what mediasoup-client throws: the transport is closed.
 */
export async function readPath(transport: types.Transport): Promise<ClientPath> {
  const report = await transport.getStats();
  const pairs: Array<Record<string, unknown>> = [];
  const addresses = new Map<unknown, string>();
  let inUse: unknown;
  let data = 0;

  report.forEach(stats => {
    if (stats.type === 'candidate-pair') {
      pairs.push(stats);
    } else if (stats.type === 'local-candidate') {
      addresses.set(stats.id, stats.address);
    } else if (stats.type === 'data-channel') {
      data += Number(stats.bytesReceived ?? 0) + Number(stats.bytesSent ?? 0);
    } else if (stats.type === 'transport') {
      inUse ??= stats.selectedCandidatePairId;
    }
  });

  const selected =
    pairs.find(({ id }) => id !== undefined && id === inUse) ??
    // Firefox says it of the pair itself.
    pairs.find(pair => pair.selected === true) ??
    pairs.find(pair => pair.nominated === true && pair.state === 'succeeded');
  const counted = selected === undefined ? pairs : [selected];

  return {
    received: counted.reduce((sum, pair) => sum + receivedOver(pair), 0),
    path: selected === undefined ? 'all' : String(selected.id),
    data,
    quietFor: quietFor(selected),
    address: addresses.get(selected?.localCandidateId),
  };
}

function quietFor(pair: Record<string, unknown> | undefined): number | undefined {
  const age = Number(pair?.timestamp) - Number(pair?.lastPacketReceivedTimestamp || Number.NaN);

  return age >= 0 ? age : undefined;
}

function receivedOver(pair: Record<string, unknown>): number {
  return ['bytesReceived', 'requestsReceived', 'responsesReceived'].reduce(
    (sum, field) => sum + Number(pair[field] ?? 0),
    0,
  );
}
