import type { Router } from 'mediasoup/types';
import { warnOnce } from './warnOnce.ts';

/** So many transports of a Router connect without an acceptance, and none with one, before it is a mistake. */
const SUSPICIOUS = 3;

/** How many transports of a Router connected without an acceptance so far. `accepted`: one client has accepted. */
const routers = new WeakMap<Router, number | 'accepted'>();

/** A client of this Router has accepted the heartbeat. */
export function noteAccepted(router: Router): void {
  routers.set(router, 'accepted');
}

/** A client of this Router could have accepted the heartbeat, and has not. Warns if no client ever does. */
export function noteUnaccepted(router: Router): void {
  const before = routers.get(router) ?? 0;

  if (before === 'accepted') {
    return;
  }

  routers.set(router, before + 1);

  if (before + 1 === SUSPICIOUS) {
    warnOnce(
      'MEDIASOUP_HEARTBEAT_NO_CLIENT',
      `attachHeartbeat(): ${SUSPICIOUS} transports of a Router were connected, and no client has accepted the heartbeat. ` +
        'In the client, call enableHeartbeat(device) before the first transport is created. In the signalling, pass on ' +
        'sctpParameters.heartbeat and dtlsParameters.heartbeat, or call heartbeat.accept().',
    );
  }
}
