import type { Reason } from '@mediasoup-heartbeat/protocol';
import { observer, version } from 'mediasoup';
import type { Router, Transport, Worker } from 'mediasoup/types';
import { watchDataConsumers } from './dataConsumers.ts';
import { shared } from './shared.ts';

/** Where a transport lives. */
export type Home = {
  /** The Router that created the transport. */
  router: Router;
  /** The Router's Worker. `undefined` where the Router was given by the application. */
  worker: Worker | undefined;
  /** The version of the mediasoup that made it. Where that is not known, of the one imported here. */
  mediasoup: string;
};

/** Shared: a copy that is loaded after the Worker knows what an earlier one was told. */
const homes = shared('homes', () => new WeakMap<Transport, Home>());

// A Transport does not say which Router created it, but mediasoup's observers do, to those who listen before
// the Worker is created. So this runs when the module is loaded.
observer.on('newworker', worker => {
  worker.observer.on('newrouter', router => {
    router.observer.on('newtransport', transport => {
      homes.set(transport, { router, worker, mediasoup: version });
      watchDataConsumers(transport);
    });
  });
});

/**
 * The Router (and Worker) of a transport.
 *
 * @throws Error where neither mediasoup's observers nor the application told.
 */
export function homeOf(transport: Transport, router: Router | undefined): Home {
  const home = homes.get(transport);

  if (home !== undefined) {
    return home;
  } else if (router !== undefined) {
    return { router, worker: undefined, mediasoup: version };
  }

  throw new Error(
    'attachHeartbeat(): the Router of this transport is not known. Import @mediasoup-heartbeat/server before ' +
      'the mediasoup Worker is created, or pass the Router: attachHeartbeat(transport, { router }). ' +
      '(It is also unknown where two copies of mediasoup are installed: see `npm ls mediasoup`.)',
  );
}

/** Why a transport is closed, by where it lived: whatever went with it is the better reason. */
export function whyClosed(
  home: Home | undefined,
): Extract<Reason, 'worker-died' | 'router-closed' | 'transport-closed'> {
  if (home?.worker?.died) {
    return 'worker-died';
  }

  return home?.router.closed ? 'router-closed' : 'transport-closed';
}

/** Where a transport lives or lived, as far as mediasoup's observers told. */
export function knownHomeOf(transport: Transport): Home | undefined {
  return homes.get(transport);
}

/** The version of the mediasoup that made a transport: of another copy than the one imported here, where that told. */
export function mediasoupOf(transport: Transport): string {
  return homes.get(transport)?.mediasoup ?? version;
}
