import type { AppData, Transport } from 'mediasoup/types';
import { Attachment } from './Attachment.ts';
import { Heartbeat } from './Heartbeat.ts';
import { type HeartbeatOptions, resolveOptions } from './HeartbeatOptions.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';
import { knownOwnerOf, mediasoupOf, ownerOf, whyClosed } from './RouterRegistry.ts';
import { shared } from './shared.ts';
import { checkVersions } from './supportedVersions.ts';
import { VERSION } from './version.ts';

/** How the error about a closed transport ends. */
const CLOSED_BY = {
  'worker-died': ', because its mediasoup Worker has died. Create a new Worker, Router and transport.',
  'router-closed': ', because its Router or Worker was closed. Create a new Router and transport.',
  'transport-closed': '. Attach right after creating it.',
};

/** The heartbeat's own stream, and one for the application. */
const MIN_STREAMS = 2;

/** The transports that have a heartbeat, by any copy of this package. */
const attached = shared('attached', () => new WeakMap<Transport, Attached>());

/** Of all copies of one version the first one does the work, so all of them share the bridges and the loops. */
const attach = shared(`attach ${VERSION}`, () => attachHere);

type Attached = {
  /** The version of the copy that has attached it. */
  version: string;
  heartbeat: Heartbeat;
  ready: Promise<void>;
};

/**
 * Attaches a heartbeat to a transport: it pings the client over a DataChannel of its own and judges it by the answers. Call it
 * right after creating the transport, before the transport's parameters go to the client.
 *
 * A client that does not run the library is never judged, and notices nothing.
 *
 * A PlainTransport or PipeTransport needs `{ advertise: false }`, and a far end that speaks the protocol.
 *
 * Called again for the same transport without options it returns the same heartbeat, also to another copy of this package.
 *
 * @throws TypeError if an option or the transport is invalid.
 * @throws Error if the installed mediasoup is not supported, if the transport is closed, has no SCTP or only one SCTP stream, if
 * its Router is not known, or if it already has a heartbeat and this call has options or is of another version.
 *
 * @example
 * ```ts
 * const transport = await router.createWebRtcTransport({ ...options, enableSctp: true });
 * const heartbeat = await attachHeartbeat(transport);
 *
 * heartbeat.on('dead', ({ reason }) => transport.close());
 * ```
 */
export async function attachHeartbeat<HeartbeatAppData extends AppData = AppData>(
  transport: HeartbeatTransport,
  options?: HeartbeatOptions<HeartbeatAppData>,
): Promise<Heartbeat<HeartbeatAppData>> {
  return (attach as typeof attachHeartbeat<HeartbeatAppData>)(transport, options);
}

async function attachHere<HeartbeatAppData extends AppData>(
  transport: HeartbeatTransport,
  options?: HeartbeatOptions<HeartbeatAppData>,
): Promise<Heartbeat<HeartbeatAppData>> {
  checkTransport(transport);

  const existing = attached.get(transport);

  if (existing !== undefined && !existing.heartbeat.closed) {
    if (existing.version !== VERSION) {
      throw new Error(
        `attachHeartbeat(): @mediasoup-heartbeat/server ${existing.version} is already attached to this transport, ` +
          `and this is version ${VERSION}. Find both with \`npm ls @mediasoup-heartbeat/server\` and install only one ` +
          '(`npm dedupe`).',
      );
    } else if (options !== undefined) {
      throw new Error(
        'attachHeartbeat(): this transport already has a heartbeat, and its options cannot change. Call ' +
          'attachHeartbeat() without options to get it, or close() it first.',
      );
    }

    await existing.ready;

    return existing.heartbeat as Heartbeat<HeartbeatAppData>;
  }

  const owner = ownerOf(transport, options?.router);
  const attachment = new Attachment(transport, owner, resolveOptions(options));
  const heartbeat = new Heartbeat<HeartbeatAppData>(attachment);
  const ready = attachment.open();

  attached.set(transport, { version: VERSION, heartbeat: heartbeat as Heartbeat, ready });
  await ready;

  return heartbeat;
}

function checkTransport(transport: HeartbeatTransport): void {
  const type: unknown = transport?.type;

  if (type !== 'webrtc' && type !== 'plain' && type !== 'pipe') {
    throw new TypeError(
      'attachHeartbeat(): transport must be a mediasoup WebRtcTransport, PlainTransport or PipeTransport, ' +
        `got ${typeof type === 'string' ? `a transport of type "${type}"` : String(transport)}`,
    );
  }

  checkVersions(mediasoupOf(transport));

  if (transport.closed) {
    throw new Error(
      `attachHeartbeat(): the transport is closed${CLOSED_BY[whyClosed(knownOwnerOf(transport))]}`,
    );
  } else if (transport.sctpParameters === undefined) {
    throw new Error(
      'attachHeartbeat(): SCTP is disabled on this transport. Create it with { enableSctp: true }.',
    );
  }

  checkStreams(transport);
}

/** With mediasoup 3.19 the application sets the number of SCTP streams. With one stream nothing would be left for it. */
function checkStreams({ sctpParameters }: HeartbeatTransport): void {
  const { OS = MIN_STREAMS, MIS = MIN_STREAMS } = sctpParameters ?? {};

  if (OS < MIN_STREAMS || MIS < MIN_STREAMS) {
    throw new Error(
      `attachHeartbeat(): the transport has ${OS} outgoing and ${MIS} incoming SCTP streams. The heartbeat needs one in each ` +
        `direction, and the application another. Create it with numSctpStreams of at least ` +
        `{ OS: ${MIN_STREAMS}, MIS: ${MIN_STREAMS} }; mediasoup's default is 1024.`,
    );
  }
}
