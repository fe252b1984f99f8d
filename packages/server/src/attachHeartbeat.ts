import type { AppData, Transport } from 'mediasoup/types';
import { Attachment } from './Attachment.ts';
import { answering } from './answering.ts';
import { checkTransport } from './checkTransport.ts';
import { Heartbeat } from './Heartbeat.ts';
import { type HeartbeatOptions, resolveOptions } from './HeartbeatOptions.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';
import { announce } from './observer.ts';
import { ownerOf } from './RouterRegistry.ts';
import { shared } from './shared.ts';
import { VERSION } from './version.ts';

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
 * A PlainTransport or PipeTransport needs `{ advertise: false }`, and `answerHeartbeat()` at the other end.
 *
 * Called again for the same transport without options it returns the same heartbeat, also to another copy of this package.
 *
 * @throws TypeError if an option or the transport is invalid.
 * @throws Error if the installed mediasoup is not supported, if the transport is closed, has no SCTP or only one SCTP stream, if
 * its Router is not known, if it answers, or if it already has a heartbeat and this call has options or is of another version.
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

/** Whether a transport has a heartbeat that is open, by any copy of this package. */
export function hasHeartbeat(transport: Transport): boolean {
  return attached.get(transport)?.heartbeat.closed === false;
}

async function attachHere<HeartbeatAppData extends AppData>(
  transport: HeartbeatTransport,
  options?: HeartbeatOptions<HeartbeatAppData>,
): Promise<Heartbeat<HeartbeatAppData>> {
  checkTransport('attachHeartbeat()', transport, ['webrtc', 'plain', 'pipe']);

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
  } else if (answering.get(transport)?.heartbeat.closed === false) {
    throw new Error(
      'attachHeartbeat(): answerHeartbeat() was called for this transport. Call one of them at each end of the link.',
    );
  }

  const owner = ownerOf('attachHeartbeat', transport, options?.router);
  const attachment = new Attachment(transport, owner, resolveOptions(options));
  const heartbeat = new Heartbeat<HeartbeatAppData>(attachment);
  const ready = attachment.open();

  attached.set(transport, { version: VERSION, heartbeat: heartbeat as Heartbeat, ready });
  await ready;

  if (!heartbeat.closed) {
    announce(heartbeat as Heartbeat);
  }

  return heartbeat;
}
