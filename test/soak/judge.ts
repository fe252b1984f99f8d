import type { Blocking, Said, Truth } from './Truth.ts';

// What the documentation promises for the preset `balanced`, in ms, plus an allowance for a busy machine.

/** A shorter outage kills nobody. */
const SURVIVED = 4000;

/** A longer outage is noticed, and is a death, if the client had no bad times before. */
const NOTICED = 3000;
const FATAL = 8000;

/** A longer outage is a death, whatever happened to the client before. */
const ALWAYS_FATAL = 31_000;

/** After this many outages a client has had bad times: the detector learns from them. */
const FEW = 2;

/** A browser gives up a connection that is cut for longer. */
const GIVEN_UP = 12_000;

/** How long after its cause a state change may come, and how long recovery may take, including an ICE restart. */
const GRACE = 5000;
const RECOVERY = 15_000;

/** Outages closer than this count as one: nobody recovers in between. */
const BREATH = 1500;

/** How long an ICE restart may postpone a worse state. */
const SPARED = 10_000;

/** What is silence for sure. A client whose own process stalls does not notice that. */
const SILENCING = {
  server: new Set<Blocking['kind']>(['cut', 'uplink', 'stop']),
  client: new Set<Blocking['kind']>(['cut']),
};

/** Reasons to be dead that are preceded by suspicion. */
const GRADUAL = new Set(['missed-pings', 'page-unresponsive', 'server-unresponsive', 'ice-disconnected']);

/** Compares the changes of both sides with what was done, and returns the differences. */
export function judge(truth: Truth): string[] {
  return [...judgeHalf(truth, 'server'), ...judgeHalf(truth, 'client')];
}

function judgeHalf(truth: Truth, half: 'server' | 'client'): string[] {
  const said = truth[half].filter(({ at }) => at <= truth.until);
  const complaints = [
    ...unfounded(truth, said),
    ...overlooked(truth, half, said),
    ...(half === 'server' ? ending(truth, said) : []),
  ];
  const story = said
    .map(({ at, state, reason }) => `${seconds(at - truth.from)} ${state} (${reason})`)
    .join(', ');

  return complaints.map(
    complaint =>
      `${truth.peer}, ${half} half: ${complaint}\n    said: ${story || 'nothing'}\n    done: ${deeds(truth)}`,
  );
}

/** Changes without a cause. */
function unfounded(truth: Truth, said: Said[]): string[] {
  const causes = union(truth.blockings, BREATH);
  const complaints: string[] = [];
  let before = 'alive';

  for (const { at, state, reason } of said) {
    const when = `at ${seconds(at - truth.from)}`;
    const cause = causes.find(({ from, to }) => at >= from && at <= to + GRACE);
    const parting = truth.end.kind === 'goodbye' && at >= truth.end.at - GRACE;

    if (state === 'suspect') {
      const excused = truth.impairments.some(({ from, to }) => at >= from && at <= to + GRACE);

      if (cause === undefined && !excused && !parting) {
        complaints.push(`suspect ${when} without a cause`);
      }
    } else if (state === 'dead' && GRADUAL.has(reason)) {
      if (before !== 'suspect') {
        complaints.push(`dead ${when} without having been suspect`);
      }

      if (!parting && (cause === undefined || Math.min(at, cause.to) - cause.from < SURVIVED)) {
        complaints.push(`dead ${when} without a cause`);
      }
    } else if (state === 'dead' && reason === 'connection-failed') {
      if (cause === undefined || cause.to - cause.from < GIVEN_UP) {
        complaints.push(`dead ${when} for ${reason} without a cause`);
      }
    } else if (state === 'dead' && !parting) {
      complaints.push(`dead ${when} for ${reason}, which nobody gave cause for`);
    } else if (state !== 'alive' && state !== 'dead') {
      complaints.push(`${state} ${when}, which is no verdict`);
    }

    before = state;
  }

  return complaints;
}

/** Missing changes, and missing recoveries. */
function overlooked(truth: Truth, half: 'server' | 'client', said: Said[]): string[] {
  const complaints: string[] = [];
  const sure = truth.blockings.filter(({ kind }) => SILENCING[half].has(kind));
  const all = union(
    truth.blockings.filter(({ kind }) => kind !== 'pause'),
    0,
  );

  for (const { from, to } of union(sure, 0)) {
    const lasted = to - from;
    const innocent =
      all.filter(outage => outage.from < from).length < FEW &&
      !truth.impairments.some(impairment => impairment.from < to);
    const before = stateAt(said, from);
    const states = said.filter(({ at }) => at >= from && at <= to + GRACE).map(({ state }) => state);
    const what = `the outage of ${seconds(lasted)} at ${seconds(from - truth.from)}`;

    if (to > truth.until || isMuddled(truth, half, from, to)) {
      continue;
    }

    if (lasted >= (innocent ? NOTICED : ALWAYS_FATAL) && before === 'alive' && !states.includes('suspect')) {
      complaints.push(`${what} was not noticed`);
    }

    if (lasted >= (innocent ? FATAL : ALWAYS_FATAL) && before !== 'dead' && !states.includes('dead')) {
      complaints.push(`${what} was not death`);
    }

    const calm = to + RECOVERY;
    const disturbed = [...truth.blockings, ...truth.impairments].some(
      other => other.from < calm && other.to > to,
    );

    if (!disturbed && calm < truth.end.at && stateAt(said, calm) !== 'alive') {
      complaints.push(`${what} was not recovered from`);
    }
  }

  return complaints;
}

/** Whether something else happened at that time, so that a side need not report anything. */
function isMuddled(
  { blockings, restarts }: Truth,
  half: 'server' | 'client',
  from: number,
  to: number,
): boolean {
  return (
    restarts.some(at => at > from - SPARED && at < to) ||
    blockings.some(other => !SILENCING[half].has(other.kind) && other.from < to && other.to > from - GRACE)
  );
}

/** The server's changes at the client's end. */
function ending(truth: Truth, said: Said[]): string[] {
  const { kind, at } = truth.end;
  const last = said.at(-1);

  if (last?.state !== 'dead') {
    return [
      `${kind === 'kill' ? 'its process was killed' : 'it said goodbye'}, and it was not dead in the end`,
    ];
  }

  const disturbed = [...truth.blockings, ...truth.impairments].some(({ to }) => to > at - RECOVERY);

  if (kind === 'goodbye' && !disturbed && last.reason !== 'goodbye') {
    return [`it said goodbye, and was dead for ${last.reason}`];
  }

  return kind === 'kill' && last.at - at > ALWAYS_FATAL
    ? [`dead ${seconds(last.at - at)} after it was killed`]
    : [];
}

/** Joins outages whose gap is not longer than this. */
function union(blockings: Blocking[], gap: number): { from: number; to: number }[] {
  const merged: { from: number; to: number }[] = [];

  for (const { from, to } of blockings.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);

    if (last !== undefined && from <= last.to + gap) {
      last.to = Math.max(last.to, to);
    } else {
      merged.push({ from, to });
    }
  }

  return merged;
}

function stateAt(said: Said[], time: number): string {
  return said.findLast(({ at }) => at <= time)?.state ?? 'alive';
}

function deeds({ from, blockings, impairments, restarts, end }: Truth): string {
  const span = (what: string, begin: number, to: number) =>
    [begin, `${seconds(begin - from)}–${seconds(to - from)} ${what}`] as const;
  const all = [
    ...blockings.map(blocking => span(blocking.kind, blocking.from, blocking.to)),
    ...impairments.map(impairment => span('impaired', impairment.from, impairment.to)),
    ...restarts.map(at => [at, `${seconds(at - from)} ICE restart`] as const),
    [end.at, `${seconds(end.at - from)} ${end.kind}`] as const,
  ];

  return all
    .toSorted(([a], [b]) => a - b)
    .map(([, deed]) => deed)
    .join(', ');
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'for ever';
}
