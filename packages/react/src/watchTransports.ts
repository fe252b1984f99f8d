import type { DeviceHeartbeat, TransportHeartbeat } from '@mediasoup-heartbeat/client';

/**
 * Follows the open transports of a device.
 *
 * @param tell - Called at once, and whenever a transport is created or closed.
 * @returns a function that ends it.
 */
export function watchTransports(
  { observer, transports }: DeviceHeartbeat,
  tell: (open: readonly TransportHeartbeat[]) => void,
): () => void {
  const watched = new Set<TransportHeartbeat>();
  const look = () => tell(Object.freeze([...transports.values()]));
  const add = (heartbeat: TransportHeartbeat) => {
    watched.add(heartbeat);
    heartbeat.observer.on('close', onClose);
  };
  const onNew = (heartbeat: TransportHeartbeat) => {
    add(heartbeat);
    look();
  };
  const onClose = () => {
    for (const heartbeat of watched) {
      if (heartbeat.closed) {
        heartbeat.observer.off('close', onClose);
        watched.delete(heartbeat);
      }
    }

    look();
  };

  observer.on('newtransport', onNew);
  for (const heartbeat of transports.values()) {
    add(heartbeat);
  }
  look();

  return () => {
    observer.off('newtransport', onNew);
    for (const heartbeat of watched) {
      heartbeat.observer.off('close', onClose);
    }
  };
}
