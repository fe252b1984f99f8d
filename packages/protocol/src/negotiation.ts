import { INTERVAL, MAX_STREAM_ID, SUPPORTED_VERSIONS } from './constants.ts';

/**
 * What the server tells the client before the first frame, as `sctpParameters.heartbeat` or by the
 * application's own signalling. Plain JSON. [HB-NEG-1]
 */
export type Descriptor = {
  /** The versions that the server speaks. */
  versions: readonly number[];
  /** The SCTP stream id that the heartbeat's DataChannel must have. */
  streamId: number;
  /** Time between two pings of a healthy peer, in ms. */
  interval: number;
};

/** What the client answers, as `dtlsParameters.heartbeat` of its `connect` event. Plain JSON. [HB-NEG-2] */
export type Acceptance = {
  /** The version that both will speak. */
  version: number;
};

/** The outcome of reading a descriptor that may come from anywhere. */
export type DescriptorResult =
  | { ok: true; descriptor: Descriptor; version: number }
  | { ok: false; reason: 'no-server-half' | 'version-mismatch' };

/** The most versions that a descriptor may list. */
const MAX_VERSIONS = 16;

/** The highest version that both speak, `undefined` where there is none. [HB-NEG-3] */
export function negotiateVersion(
  theirs: readonly number[],
  ours: readonly number[] = SUPPORTED_VERSIONS,
): number | undefined {
  const common = ours.filter(version => theirs.includes(version));

  return common.length > 0 ? Math.max(...common) : undefined;
}

/**
 * Reads a descriptor and settles the version. Never throws: a missing or invalid one counts as a server without the heartbeat.
 * Unknown fields are ignored. [HB-NEG-6]
 */
export function readDescriptor(
  value: unknown,
  ours: readonly number[] = SUPPORTED_VERSIONS,
): DescriptorResult {
  const { versions, streamId, interval } = (value ?? {}) as Record<string, unknown>;

  if (
    !isVersionList(versions) ||
    !isIntegerIn(streamId, 0, MAX_STREAM_ID) ||
    !(typeof interval === 'number' && interval >= INTERVAL.min && interval <= INTERVAL.max)
  ) {
    return { ok: false, reason: 'no-server-half' };
  }

  const version = negotiateVersion(versions, ours);

  return version === undefined
    ? { ok: false, reason: 'version-mismatch' }
    : { ok: true, descriptor: { versions, streamId, interval }, version };
}

/**
 * Reads an acceptance: the version to speak, or why there is none. Never throws: a missing or invalid one counts as a client
 * without the heartbeat, and a version that was not offered as a mismatch. [HB-NEG-7]
 */
export function readAcceptance(
  value: unknown,
  ours: readonly number[] = SUPPORTED_VERSIONS,
): { ok: true; version: number } | { ok: false; reason: 'no-client-half' | 'version-mismatch' } {
  const { version } = (value ?? {}) as Record<string, unknown>;

  if (!isIntegerIn(version, 1, 127)) {
    return { ok: false, reason: 'no-client-half' };
  }

  return ours.includes(version) ? { ok: true, version } : { ok: false, reason: 'version-mismatch' };
}

function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isVersionList(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_VERSIONS &&
    value.every(version => isIntegerIn(version, 1, 127))
  );
}
