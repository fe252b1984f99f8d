import type { Times } from '../Outcome.ts';
import type { PageLog } from '../page/messages.ts';
import type { Call } from './Call.ts';
import type { Passed } from './DelayedPath.ts';

/** What was lost when, and what counts as a path that exists. All times in ms since the epoch. */
export type Loss = {
  lostAt: number;
  /** When the change was complete: what was sent before may have come through. */
  goneAt: number;
  /** When the times begin to count: the loss, or the return of a path. */
  from: number;
  isOnNewPath: (packet: Passed) => boolean;
};

/** How long packets that were sent before the loss may still arrive, in ms. */
const IN_FLIGHT = 120;

/** How late the page's counters may be, in ms. */
const COUNTERS_LATE = 200;

/** When what the browser sends came through again. */
export function timesUp(call: Call, frames: readonly number[], { goneAt, from, isOnNewPath }: Loss): Times {
  const passed = call.paths.get('send')?.up ?? [];
  const firstPassed = passed.find(packet => packet.at >= from && isOnNewPath(packet))?.at;
  const accepted = (kind: 'audio' | 'video') => after(firstPassed, call.accepted[kind]);
  const video = accepted('video');

  return since(from, {
    rtp: accepted('audio'),
    frame: after(video, frames),
    data: call.messages.find(({ sentAt, at }) => sentAt >= goneAt && at >= from)?.at,
  });
}

/** When the browser received again. */
export function timesDown(call: Call, log: PageLog, { goneAt, from, isOnNewPath }: Loss): Times {
  const arrived = (kind: 'audio' | 'video') => {
    const before = log.packets.findLast(({ at }) => at <= goneAt + IN_FLIGHT)?.[kind] ?? 0;
    const grown = log.packets.find(packets => packets.at >= from && packets[kind] > before)?.at;
    const payloadType = call.payloadTypes.recv[kind];

    return grown === undefined
      ? undefined
      : call.paths
          .get('recv')
          ?.down.find(
            packet =>
              packet.at >= Math.max(from, grown - COUNTERS_LATE) &&
              packet.payloadType === payloadType &&
              isOnNewPath(packet),
          )?.at;
  };

  return since(from, {
    rtp: arrived('audio'),
    frame: after(arrived('video'), log.frames),
    data: log.messages.find(({ sentAt, at }) => sentAt >= goneAt && at >= from)?.at,
  });
}

function after(begin: number | undefined, times: readonly number[]): number | undefined {
  return begin === undefined ? undefined : times.find(at => at >= begin);
}

function since(from: number, times: { [T in keyof Times]: number | undefined }): Times {
  return Object.fromEntries(
    Object.entries(times).flatMap(([name, at]) => (at === undefined ? [] : [[name, Math.round(at - from)]])),
  );
}
