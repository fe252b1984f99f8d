import type { DeviceHeartbeat, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { type Quality, type QualityWatch, watchQuality } from '@mediasoup-heartbeat/client/quality';
import { watchTransports } from './watchTransports.ts';
import { UNKNOWN, worstQuality } from './worstQuality.ts';

/**
 * Watches the quality of a transport, or the worst one of a device's open transports.
 *
 * @param tell - Called with each change.
 * @returns a function that ends it.
 */
export function watchConnectionQuality(
  heartbeat: DeviceHeartbeat | TransportHeartbeat,
  tell: (quality: Quality) => void,
): () => void {
  const watches = new Map<TransportHeartbeat, QualityWatch>();
  let told = UNKNOWN;
  const judge = () => {
    told = worstQuality(
      [...watches.values()].map(watch => watch.quality),
      told,
    );
    tell(told);
  };
  const follow = (open: readonly TransportHeartbeat[]) => {
    for (const [transport, watch] of watches) {
      if (!open.includes(transport)) {
        watch.close();
        watches.delete(transport);
      }
    }

    for (const transport of open) {
      if (!watches.has(transport) && !transport.closed) {
        watches.set(transport, watchQuality(transport).on('change', judge));
      }
    }

    judge();
  };
  const stop = 'transports' in heartbeat ? watchTransports(heartbeat, follow) : undefined;

  if ('transport' in heartbeat) {
    follow([heartbeat]);
  }

  return () => {
    stop?.();
    follow([]);
  };
}
