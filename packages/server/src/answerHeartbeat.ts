import type { AppData, PipeTransport, PlainTransport } from 'mediasoup/types';
import { AnsweringHeartbeat } from './AnsweringHeartbeat.ts';
import { type AnswerOptions, resolveAnswerOptions } from './AnswerOptions.ts';
import { answering } from './answering.ts';
import { hasHeartbeat } from './attachHeartbeat.ts';
import { checkTransport } from './checkTransport.ts';
import { ownerOf } from './RouterRegistry.ts';
import { shared } from './shared.ts';
import { VERSION } from './version.ts';

/** Of all copies of one version the first one does the work, so all of them share the bridges and the loops. */
const answer = shared(`answer ${VERSION}`, () => answerHere);

/**
 * Answers the pings of another server: one end of a PipeTransport or PlainTransport with SCTP calls `attachHeartbeat(transport,
 * { advertise: false })`, the other one this. Both know then whether the link is alive, its RTT and its loss. Call it right after creating
 * the transport, before it is connected.
 *
 * Called again for the same transport without options it returns the same heartbeat.
 *
 * @throws TypeError if an option or the transport is invalid.
 * @throws Error if the installed mediasoup is not supported, if the transport is closed or has no SCTP, if its Router is not known, if it
 * has a heartbeat already, or if the stream that the other end uses is not free.
 *
 * @example
 * ```ts
 * // on one host
 * const heartbeat = await attachHeartbeat(pipeTransport, { advertise: false });
 * // on the other one
 * const heartbeat = await answerHeartbeat(pipeTransport);
 * ```
 */
export async function answerHeartbeat<HeartbeatAppData extends AppData = AppData>(
  transport: PipeTransport | PlainTransport,
  options?: AnswerOptions<HeartbeatAppData>,
): Promise<AnsweringHeartbeat<HeartbeatAppData>> {
  return (answer as typeof answerHeartbeat<HeartbeatAppData>)(transport, options);
}

async function answerHere<HeartbeatAppData extends AppData>(
  transport: PipeTransport | PlainTransport,
  options?: AnswerOptions<HeartbeatAppData>,
): Promise<AnsweringHeartbeat<HeartbeatAppData>> {
  checkTransport('answerHeartbeat()', transport, ['plain', 'pipe']);

  const existing = answering.get(transport);

  if (existing !== undefined && !existing.heartbeat.closed) {
    if (options !== undefined) {
      throw new Error(
        'answerHeartbeat(): this transport answers already, and its options cannot change. Call answerHeartbeat() without ' +
          'options to get its heartbeat, or close() it first.',
      );
    }

    await existing.ready;

    return existing.heartbeat as AnsweringHeartbeat<HeartbeatAppData>;
  } else if (hasHeartbeat(transport)) {
    throw new Error(
      'answerHeartbeat(): attachHeartbeat() was called for this transport. Call one of them at each end of the link.',
    );
  }

  const resolved = resolveAnswerOptions(options);
  const owner = ownerOf('answerHeartbeat', transport, resolved.router);
  const heartbeat = new AnsweringHeartbeat<HeartbeatAppData>(transport, owner, resolved);
  const ready = heartbeat.open();

  answering.set(transport, { heartbeat: heartbeat as AnsweringHeartbeat, ready });
  await ready;

  return heartbeat;
}
