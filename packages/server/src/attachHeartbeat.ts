import type { AppData, Transport } from 'mediasoup/types';
import { Heartbeat, type HeartbeatTransport } from './Heartbeat.ts';
import { type HeartbeatOptions, resolveOptions } from './HeartbeatOptions.ts';
import { homeOf, knownHomeOf, mediasoupOf, whyClosed } from './RouterRegistry.ts';
import { shared } from './shared.ts';
import { checkVersions } from './supportedVersions.ts';
import { VERSION } from './version.ts';

/** What becomes of the sentence that a transport is closed. */
const CLOSED_BY = {
  'worker-died': ', as its mediasoup Worker has died. Create a new Worker, Router and transport.',
  'router-closed': ', as its Router or Worker was closed. Create a new Router and transport.',
  'transport-closed': '. Attach right after creating it.',
};

/** The heartbeat's own stream, and one for the application. */
const MIN_STREAMS = 2;

/** By whom a transport has a heartbeat: by any copy of this package. */
const attached = shared('attached', () => new WeakMap<Transport, Attached>());

/** Of all copies of one version the first does the work, so that they share the bridges of the Routers and the timer. */
const attach = shared(`attach ${VERSION}`, () => attachHere);

type Attached = {
  /** Of the copy that has attached it. */
  version: string;
  heartbeat: Heartbeat;
  ready: Promise<void>;
};

/**
 * Attaches a heartbeat to a transport: pings its peer over a DataChannel of its own and judges it by the
 * answers. Call it right after creating the transport, before its parameters go to the client.
 *
 * A client without the other half is never judged, and notices nothing.
 *
 * A PlainTransport or PipeTransport takes `{ advertise: false }`, and a far end that speaks the protocol.
 *
 * Called again for the same transport without options it returns the same heartbeat, also to another copy of this package.
 *
 * @throws TypeError where an option or the transport is not what it has to be.
 * @throws Error where the installed mediasoup is not supported, where the transport has no SCTP, or no more than one
 * stream of it, or is closed, where its Router is not known, or where it already has a heartbeat and options are given again,
 * or one of another version of this package.
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
        'attachHeartbeat(): this transport already has a heartbeat, whose options cannot be changed. Call it ' +
          'without options to get that heartbeat, or close() it first.',
      );
    }

    await existing.ready;

    return existing.heartbeat as Heartbeat<HeartbeatAppData>;
  }

  const resolved = resolveOptions(options);
  const heartbeat = new Heartbeat<HeartbeatAppData>(transport, homeOf(transport, options?.router), resolved);
  const ready = heartbeat.open();

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
      `attachHeartbeat(): the transport is closed${CLOSED_BY[whyClosed(knownHomeOf(transport))]}`,
    );
  } else if (transport.sctpParameters === undefined) {
    throw new Error(
      'attachHeartbeat(): the transport has no SCTP, over which the heartbeat runs. Create it with ' +
        '{ enableSctp: true }.',
    );
  }

  checkStreams(transport);
}

/** With mediasoup 3.19 the application says how many SCTP streams there are. Of a single one nothing would be left to it. */
function checkStreams({ sctpParameters }: HeartbeatTransport): void {
  const { OS = MIN_STREAMS, MIS = MIN_STREAMS } = sctpParameters ?? {};

  if (OS < MIN_STREAMS || MIS < MIN_STREAMS) {
    throw new Error(
      `attachHeartbeat(): the transport has ${OS} outgoing and ${MIS} incoming SCTP streams, of which the heartbeat ` +
        `takes one each way and would leave none to the application. Create it with numSctpStreams of at least ` +
        `{ OS: ${MIN_STREAMS}, MIS: ${MIN_STREAMS} }; mediasoup's default is 1024.`,
    );
  }
}
