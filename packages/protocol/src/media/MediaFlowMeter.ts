import { milliseconds, option, optionValues } from '../options.ts';
import type { State } from '../Reason.ts';

/** Options of a {@link MediaFlowMeter}. All may be left out. */
export type MediaFlowOptions = {
  /**
   * A stream that has not flowed for so long is `silent`, in ms. Its statistics are read four times within that. Range 500–60000, default
   * 2000.
   */
  silentAfter?: number;
  /**
   * A stream below this rate does not flow, in bits per second with RTP headers. The default is above the noise of Opus with DTX (two or
   * three packets a second) and below the slowest codecs for speech. 0: any packet counts. Range 0–100000000, default 4000.
   */
  minBitrate?: number;
};

/** Whether this side receives the stream, or sends it. */
export type MediaRole = 'receiver' | 'sender';

/**
 * What a stream does, whatever the path does: `unknown` before it was read twice; `flowing`; `silent`, which is no fault (DTX, a static
 * screen, a source that is muted or gone); `paused` by the application.
 */
export type StreamState = 'unknown' | 'flowing' | 'silent' | 'paused';

/**
 * The stream and the heartbeat together: `suspect` and `dead` as the heartbeat says, whatever flows; `blocked` if the peer is alive, and
 * RTP is sent that does not arrive; else what the stream does.
 */
export type MediaState = StreamState | 'blocked' | 'suspect' | 'dead';

/** The media of one stream. A frozen object, which is replaced when something changes. Times in ms (see `StateChange.at`). */
export type MediaFlow = {
  /** The stream and the heartbeat together. */
  readonly state: MediaState;
  /** Since when that is so. */
  readonly since: number;
  /** The stream alone. */
  readonly stream: StreamState;
  /** Since when it is that. A stream is `silent` since it was last seen to flow. */
  readonly streamSince: number;
};

/** What was counted of a stream so far, over all of its encodings. */
export type MediaCounters = {
  packets: number;
  /** With RTP headers. */
  bytes: number;
  /** When a receiver report about it came last, in ms. `null`: none has come. Left out: not known. */
  reportedAt?: number | null;
};

const STREAM_STATES: readonly unknown[] = ['unknown', 'flowing', 'silent', 'paused'] satisfies StreamState[];

/** Whether a value, which may come from anywhere, is the state of a stream. */
export function isStreamState(value: unknown): value is StreamState {
  return STREAM_STATES.includes(value);
}

/** What a {@link MediaFlowMeter} judges. */
export type MediaFlowInput = {
  /** The time, in ms by a clock that never jumps. */
  at: number;
  /** What was just read. `undefined`: nothing. */
  counters: MediaCounters | undefined;
  isPaused: boolean;
  /** The state of the heartbeat. `undefined`: there is none. */
  connection: State | undefined;
  /** When the heartbeat heard the peer last, in ms. Asked only while the two sides contradict each other. */
  lastSeenAt: () => number | undefined;
  /** What the other side says that the stream does there. `undefined`: it has not said. */
  farSide: StreamState | undefined;
};

/** The options of a {@link MediaFlowMeter}, with their ranges. */
export const MEDIA_FLOW_OPTIONS = {
  silentAfter: milliseconds(2000, 500, 60_000),
  minBitrate: option(
    4000,
    'a number from 0 to 100000000 (bit/s)',
    value => typeof value === 'number' && value >= 0 && value <= 100_000_000,
  ),
};

/** How often a stream is read before it is silent. */
const READS = 4;

/** A worker that stood still may count what has arrived only after it was asked, so one reading without packets proves nothing. */
const QUIET_READS = 2;

/**
 * A sender that gets no receiver report for so long sends into nothing, in ms: three intervals of at most 5 s, as RFC 8083 defines
 * its RTCP timeout.
 */
const UNREPORTED_AFTER = 15_000;

/** Judges the media of one stream. Without timers: feed it with readings. No verdict on liveness depends on it. */
export class MediaFlowMeter {
  /** How often the stream is to be read, in ms. */
  readonly readEvery: number;
  readonly #role: MediaRole;
  readonly #silentAfter: number;
  readonly #minBitrate: number;
  #flow: MediaFlow;
  #stream: StreamState = 'unknown';
  #streamSince: number;
  #before: (MediaCounters & { at: number }) | undefined;
  /** Since when it is awaited, or when it was last seen to flow. */
  #flowedAt: number;
  /** How often it was read since then. */
  #quietReads = 0;
  /** Since when one side sends and the other one gets nothing. `undefined`: they agree, or nobody knows. */
  #contradictedSince: number | undefined;
  /** When the peer was first heard since then. */
  #provenAt: number | undefined;
  /** Since when the peer is alive. No report could come before. */
  #aliveSince: number | undefined;

  /**
   * @param at - The time of now, in ms.
   * @throws TypeError that names the option, the value and the range.
   */
  constructor(options: MediaFlowOptions, role: MediaRole, at: number) {
    const { silentAfter, minBitrate } = optionValues(MEDIA_FLOW_OPTIONS, options);

    this.readEvery = silentAfter / READS;
    this.#silentAfter = silentAfter;
    this.#minBitrate = minBitrate;
    this.#role = role;
    this.#streamSince = at;
    this.#flowedAt = at;
    this.#flow = Object.freeze({ state: 'unknown', since: at, stream: 'unknown', streamSince: at });
  }

  /** The latest judgement: the same frozen object until it changes. */
  get flow(): MediaFlow {
    return this.#flow;
  }

  /** Takes what is known now, and returns the judgement. */
  update(input: MediaFlowInput): MediaFlow {
    this.#judgeStream(input);

    const state = this.#judge(input);
    const { state: previous, stream, streamSince } = this.#flow;

    if (state !== previous || this.#stream !== stream || this.#streamSince !== streamSince) {
      this.#flow = Object.freeze({
        state,
        since: this.#sinceOf(state, input.at),
        stream: this.#stream,
        streamSince: this.#streamSince,
      });
    }

    return this.#flow;
  }

  #sinceOf(state: MediaState, at: number): number {
    const { state: previous, stream, since } = this.#flow;

    if (state === this.#stream && previous === stream) {
      return this.#streamSince;
    }

    // After an outage it is `silent` only since the end of that.
    return state === previous ? since : at;
  }

  #judgeStream({ at, counters, isPaused }: MediaFlowInput): void {
    if (isPaused) {
      this.#before = undefined;
      this.#enter('paused', at);

      return;
    } else if (this.#stream === 'paused') {
      // It has its time to flow again.
      this.#flowedAt = at;
      this.#quietReads = 0;
      this.#enter('unknown', at);
    }

    if (counters === undefined) {
      return;
    }

    if (this.#flowsSince(counters, at)) {
      this.#flowedAt = at;
      this.#quietReads = 0;
      this.#enter('flowing', at);
    } else if (++this.#quietReads >= QUIET_READS && at - this.#flowedAt >= this.#silentAfter) {
      this.#enter('silent', this.#flowedAt);
    }

    this.#before = { ...counters, at };
  }

  #enter(stream: StreamState, since: number): void {
    if (stream !== this.#stream) {
      this.#stream = stream;
      this.#streamSince = since;
    }
  }

  /** Whether it has flowed since it was read before. */
  #flowsSince({ packets, bytes }: MediaCounters, at: number): boolean {
    const { at: before = at, ...last } = this.#before ?? { packets, bytes };

    if (at <= before) {
      return false;
    }

    // Counters that are lower than before have begun anew, or lost an encoding: the next reading tells.
    if (packets < last.packets || bytes < last.bytes) {
      return false;
    }

    return packets > last.packets && (8000 * (bytes - last.bytes)) / (at - before) >= this.#minBitrate;
  }

  #judge(input: MediaFlowInput): MediaState {
    const { connection } = input;

    this.#noteContradiction(input);

    if (connection === 'dead' || connection === 'suspect') {
      return connection;
    }

    return this.#isBlocked(input.at) ? 'blocked' : this.#stream;
  }

  /**
   * The two sides say the same at different times, so a contradiction has to last: the peer must be heard after it began, and nothing may
   * arrive for as long again. After an outage pings and media come back at different times, too.
   */
  #noteContradiction(input: MediaFlowInput): void {
    const { at, connection } = input;

    this.#aliveSince = connection === 'alive' ? (this.#aliveSince ?? at) : undefined;

    if (connection !== 'alive' || !this.#isContradicted(input)) {
      this.#contradictedSince = undefined;
      this.#provenAt = undefined;

      return;
    }

    this.#contradictedSince ??= at;

    if (this.#provenAt === undefined) {
      const lastSeenAt = input.lastSeenAt() ?? 0;

      this.#provenAt = lastSeenAt > this.#contradictedSince ? lastSeenAt : undefined;
    }
  }

  #isContradicted({ at, farSide }: MediaFlowInput): boolean {
    if (this.#role === 'receiver') {
      return this.#stream === 'silent' && farSide === 'flowing';
    }

    return this.#stream === 'flowing' && (farSide === 'silent' || this.#isUnreported(at));
  }

  #isUnreported(at: number): boolean {
    const reportedAt = this.#before?.reportedAt;

    const awaitedSince = Math.max(reportedAt ?? 0, this.#streamSince, this.#aliveSince ?? at);

    return reportedAt !== undefined && at - awaitedSince >= UNREPORTED_AFTER;
  }

  #isBlocked(at: number): boolean {
    return this.#provenAt !== undefined && at - this.#provenAt >= this.#silentAfter;
  }
}
