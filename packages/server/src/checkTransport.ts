import type { HeartbeatTransport } from './HeartbeatTransport.ts';
import { knownOwnerOf, mediasoupOf, whyClosed } from './RouterRegistry.ts';
import { checkVersions } from './supportedVersions.ts';

const NAMES = { webrtc: 'WebRtcTransport', plain: 'PlainTransport', pipe: 'PipeTransport' };

/** How the error about a closed transport ends. */
const CLOSED_BY = {
  'worker-died': ', because its mediasoup Worker has died. Create a new Worker, Router and transport.',
  'router-closed': ', because its Router or Worker was closed. Create a new Router and transport.',
  'transport-closed': '. Attach right after creating it.',
};

/** The heartbeat's own stream, and one for the application. */
const MIN_STREAMS = 2;

/**
 * Checks whether a transport can carry a heartbeat.
 *
 * @param caller - The function that the errors name.
 * @param types - The types of transport that it takes.
 * @throws TypeError if it is no such transport.
 * @throws Error if mediasoup is not supported, or if the transport is closed or has too little SCTP.
 */
export function checkTransport<Type extends HeartbeatTransport>(
  caller: string,
  transport: Type,
  types: readonly Type['type'][],
): void {
  const type: unknown = transport?.type;

  if (!(types as unknown[]).includes(type)) {
    throw new TypeError(
      `${caller}: transport must be a mediasoup ${names(types)}, ` +
        `got ${typeof type === 'string' ? `a transport of type "${type}"` : String(transport)}`,
    );
  }

  checkVersions(mediasoupOf(transport));

  if (transport.closed) {
    throw new Error(`${caller}: the transport is closed${CLOSED_BY[whyClosed(knownOwnerOf(transport))]}`);
  } else if (transport.sctpParameters === undefined) {
    throw new Error(`${caller}: SCTP is disabled on this transport. Create it with { enableSctp: true }.`);
  }

  checkStreams(caller, transport);
}

/** With mediasoup 3.19 the application sets the number of SCTP streams. With one stream nothing would be left for it. */
function checkStreams(caller: string, { sctpParameters }: HeartbeatTransport): void {
  const { OS = MIN_STREAMS, MIS = MIN_STREAMS } = sctpParameters ?? {};

  if (OS < MIN_STREAMS || MIS < MIN_STREAMS) {
    throw new Error(
      `${caller}: the transport has ${OS} outgoing and ${MIS} incoming SCTP streams. The heartbeat needs one in each ` +
        `direction, and the application another. Create it with numSctpStreams of at least ` +
        `{ OS: ${MIN_STREAMS}, MIS: ${MIN_STREAMS} }; mediasoup's default is 1024.`,
    );
  }
}

/** "WebRtcTransport, PlainTransport or PipeTransport" */
function names(types: readonly (keyof typeof NAMES)[]): string {
  const all = types.map(type => NAMES[type]);
  const last = all.pop();

  return `${all.join(', ')} or ${last}`;
}
