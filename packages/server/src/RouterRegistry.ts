import type { Reason } from '@mediasoup-heartbeat/protocol';
import { observer, version } from 'mediasoup';
import type { Router, Transport, Worker } from 'mediasoup/types';
import { watchDataConsumers } from './dataConsumers.ts';
import { shared } from './shared.ts';

/** What a transport belongs to. */
export type TransportOwner = {
  /** The Router that created the transport. */
  router: Router;
  /** The Router's Worker. `undefined` if the application passed the Router. */
  worker: Worker | undefined;
  /** The version of the mediasoup that made the transport. If that is unknown: of the one imported here. */
  mediasoup: string;
};

/** Shared: a copy of this package that is loaded after the Worker was created knows what an earlier copy has seen. */
const owners = shared('owners', () => new WeakMap<Transport, TransportOwner>());

// A transport does not tell which Router created it. mediasoup's observers do, if somebody listens before the Worker is created. So
// this runs when the module is loaded.
observer.on('newworker', worker => {
  worker.observer.on('newrouter', router => {
    router.observer.on('newtransport', transport => {
      owners.set(transport, { router, worker, mediasoup: version });
      watchDataConsumers(transport);
    });
  });
});

/**
 * The Router (and Worker) of a transport.
 *
 * @param caller - The function that the error names.
 * @throws Error if neither mediasoup's observers nor the application told it.
 */
export function ownerOf(caller: string, transport: Transport, router: Router | undefined): TransportOwner {
  const owner = owners.get(transport);

  if (owner !== undefined) {
    return owner;
  } else if (router !== undefined) {
    return { router, worker: undefined, mediasoup: version };
  }

  throw new Error(
    `${caller}(): the Router of this transport is not known. Import @mediasoup-heartbeat/server before ` +
      `the mediasoup Worker is created, or pass the Router: ${caller}(transport, { router }). ` +
      '(It is also unknown where two copies of mediasoup are installed: see `npm ls mediasoup`.)',
  );
}

/** Why a transport is closed: because its Worker died, its Router was closed, or by itself. */
export function whyClosed(
  owner: TransportOwner | undefined,
): Extract<Reason, 'worker-died' | 'router-closed' | 'transport-closed'> {
  if (owner?.worker?.died) {
    return 'worker-died';
  }

  return owner?.router.closed ? 'router-closed' : 'transport-closed';
}

/** What a transport belongs or belonged to, if mediasoup's observers told it. */
export function knownOwnerOf(transport: Transport): TransportOwner | undefined {
  return owners.get(transport);
}

/** The version of the mediasoup that made a transport. It may be another copy than the one imported here. */
export function mediasoupOf(transport: Transport): string {
  return owners.get(transport)?.mediasoup ?? version;
}
