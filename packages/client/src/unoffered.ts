import { warnLog } from './logs.ts';

/** Whether a server has offered the heartbeat to this page. */
let isOffered = false;
let hasWarned = false;

/** A transport has a descriptor of the server. */
export function noteOffered(): void {
  isOffered = true;
}

/** A transport has connected without a descriptor. Warns, on the console the first time, if there never was one. */
export function noteUnoffered(transportId: string): void {
  if (isOffered) {
    return;
  }

  const warning =
    `enableHeartbeat(): transport ${transportId} has connected, and no descriptor of the server's heartbeat came with it. ` +
    'On the server, await attachHeartbeat(transport) before you send transport.sctpParameters. In the signalling, pass on ' +
    'sctpParameters.heartbeat, or call attach(transport, descriptor).';

  warnLog('%s', warning);

  if (!hasWarned) {
    hasWarned = true;
    console.warn(`mediasoup-heartbeat: ${warning}`);
  }
}
