import type { Stats, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { useMemo, useSyncExternalStore } from 'react';
import { emptyStore, SharedStore, storePerObject } from './SharedStore.ts';

const EMPTY = emptyStore<Stats | undefined>(undefined);
const storeOf = storePerObject(
  (heartbeat: TransportHeartbeat) =>
    new SharedStore<Stats | undefined>(undefined, set => {
      set(heartbeat.stats);
      heartbeat.observer.on('stats', set);

      return () => heartbeat.observer.off('stats', set);
    }),
);
const all = (stats: Stats): unknown => stats;

/**
 * The figures of a transport's heartbeat, such as RTT and loss. They are new once a second, and so the component renders once a second.
 *
 * @param heartbeat - The heartbeat of one transport: one of {@link useTransportHeartbeats}, or `heartbeats.transports.get(transport.id)`.
 * `undefined` or `null` until there is one.
 * @returns `undefined` without a heartbeat, while React renders on a server, and while the component renders for the first time.
 */
export function useHeartbeatStats(heartbeat: TransportHeartbeat | null | undefined): Stats | undefined;
/**
 * A part of the figures of a transport's heartbeat. The component renders again only when this part changes, by `Object.is`: so select a
 * number or a word, and round it.
 *
 * @param select - Gets the figures, and returns the part.
 *
 * @example
 * ```tsx
 * function Latency({ heartbeat }: { heartbeat: TransportHeartbeat }) {
 *   const rtt = useHeartbeatStats(heartbeat, stats => Math.round(stats.rtt.smoothed ?? 0));
 *
 *   return rtt ? <p>{rtt} ms</p> : null;
 * }
 * ```
 */
export function useHeartbeatStats<Part>(
  heartbeat: TransportHeartbeat | null | undefined,
  select: (stats: Stats) => Part,
): Part | undefined;
export function useHeartbeatStats(
  heartbeat: TransportHeartbeat | null | undefined,
  select: (stats: Stats) => unknown = all,
): unknown {
  const { subscribe, getSnapshot } = heartbeat ? storeOf(heartbeat) : EMPTY;
  const getPart = useMemo(() => partOf(getSnapshot, select), [getSnapshot, select]);

  return useSyncExternalStore(subscribe, getPart, EMPTY.getSnapshot);
}

/** Selects once from each snapshot: React wants the same part as long as the snapshot is the same. */
function partOf(getSnapshot: () => Stats | undefined, select: (stats: Stats) => unknown): () => unknown {
  let of: Stats | undefined;
  let part: unknown;

  return () => {
    const stats = getSnapshot();

    if (stats !== of) {
      part = stats && select(stats);
      of = stats;
    }

    return part;
  };
}
