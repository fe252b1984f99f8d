import {
  isStreamState,
  type MediaFlowInput,
  MediaFlowMeter,
  type MediaFlowOptions,
  type MediaRole,
} from '@mediasoup-heartbeat/protocol/media';
import { describe, expect, it } from 'vitest';

/** The bytes of half a second of speech at 40 kbit/s, and of the noise that Opus sends with DTX. */
const SPEECH = { packets: 25, bytes: 2500 };
const NOISE = { packets: 1, bytes: 60 };
const NOTHING = { packets: 0, bytes: 0 };

/** A stream that is read each half a second, and the heartbeat of its transport. */
class Stream {
  readonly meter: MediaFlowMeter;
  readonly states: string[] = ['unknown'];
  at = 0;
  isPaused = false;
  connection: MediaFlowInput['connection'] = 'alive';
  lastSeenAt: number | undefined = 0;
  farSide: MediaFlowInput['farSide'];
  reportedAt: number | null | undefined;
  #packets = 0;
  #bytes = 0;

  constructor(options: MediaFlowOptions = {}, role: MediaRole = 'receiver') {
    this.meter = new MediaFlowMeter(options, role, 0);
  }

  /** So many seconds, in each half of which this much is counted. The peer answers each half a second. */
  pass(seconds: number, { packets, bytes } = SPEECH, { isHeard = true } = {}): this {
    for (let half = 0; half < 2 * seconds; half++) {
      this.at += 500;
      this.#packets += packets;
      this.#bytes += bytes;
      this.lastSeenAt = isHeard ? this.at - 10 : this.lastSeenAt;
      this.look({
        packets: this.#packets,
        bytes: this.#bytes,
        ...(this.reportedAt !== undefined && { reportedAt: this.reportedAt }),
      });
    }

    return this;
  }

  /** Counts from 0 again. */
  restartCounters(): void {
    this.#packets = 0;
    this.#bytes = 0;
  }

  look(counters: MediaFlowInput['counters'] = undefined) {
    const { state } = this.meter.update({
      at: this.at,
      counters,
      isPaused: this.isPaused,
      connection: this.connection,
      lastSeenAt: () => this.lastSeenAt,
      farSide: this.farSide,
    });

    if (this.states.at(-1) !== state) {
      this.states.push(state);
    }

    return this.meter.flow;
  }
}

describe('a stream', () => {
  it('is unknown at first, flows once packets are counted, and is silent 2 s after the last one', () => {
    const stream = new Stream().pass(3);

    expect(stream.states).toEqual(['unknown', 'flowing']);
    stream.pass(1.5, NOTHING);
    expect(stream.meter.flow).toEqual({
      state: 'flowing',
      since: 1000,
      stream: 'flowing',
      streamSince: 1000,
    });
    stream.pass(0.5, NOTHING);
    expect(stream.meter.flow).toEqual({ state: 'silent', since: 3000, stream: 'silent', streamSince: 3000 });
    stream.pass(0.5);
    expect(stream.meter.flow).toMatchObject({ state: 'flowing', since: 5500 });
  });

  it('that never carries anything is silent from the beginning', () => {
    expect(new Stream().pass(2.5, NOTHING).meter.flow).toMatchObject({ state: 'silent', since: 0 });
  });

  it('is read four times within silentAfter, which may be set', () => {
    const stream = new Stream({ silentAfter: 8000 }).pass(2).pass(7.5, NOTHING);

    expect(stream.meter.readEvery).toBe(2000);
    expect(stream.states).toEqual(['unknown', 'flowing']);
    expect(stream.pass(0.5, NOTHING).states).toEqual(['unknown', 'flowing', 'silent']);
    expect(new MediaFlowMeter({}, 'sender', 0).readEvery).toBe(500);
  });

  it('with DTX is silent while it carries noise only, unless any packet is to count', () => {
    expect(new Stream().pass(3).pass(4, NOISE).states).toEqual(['unknown', 'flowing', 'silent']);
    expect(new Stream({ minBitrate: 0 }).pass(3).pass(4, NOISE).states).toEqual(['unknown', 'flowing']);
  });

  it('below minBitrate is silent, such as the packets of a muted microphone', () => {
    const muted = { packets: 25, bytes: 1470 };

    expect(new Stream().pass(3).pass(4, muted).states).toEqual(['unknown', 'flowing']);
    expect(new Stream({ minBitrate: 30_000 }).pass(3).pass(4, muted).states).toEqual([
      'unknown',
      'flowing',
      'silent',
    ]);
  });

  it('with a gap of a second every other second flows all the time', () => {
    const stream = new Stream().pass(1);

    for (let round = 0; round < 10; round++) {
      stream.pass(1, NOTHING).pass(1);
    }

    expect(stream.states).toEqual(['unknown', 'flowing']);
  });

  it('is not silent after one late reading, because a worker that stood still may not have counted yet', () => {
    const stream = new Stream().pass(2);

    stream.at += 5000;
    stream.pass(0.5, NOTHING).pass(1);
    expect(stream.states).toEqual(['unknown', 'flowing']);
  });

  it('flows on if its counters begin anew', () => {
    const stream = new Stream().pass(3);

    stream.restartCounters();
    expect(stream.pass(3).states).toEqual(['unknown', 'flowing']);
  });

  it('stays silent if one of its encodings leaves the counters', () => {
    const stream = new Stream().pass(3).pass(4, NOTHING);

    stream.restartCounters();
    stream.look({ packets: 10, bytes: 100_000 });
    stream.at += 500;
    stream.look({ packets: 10, bytes: 100_000 });
    expect(stream.states).toEqual(['unknown', 'flowing', 'silent']);
  });

  it('is paused at once, and has its time to flow again after that', () => {
    const stream = new Stream().pass(3);

    stream.isPaused = true;
    expect(stream.look()).toMatchObject({ state: 'paused', since: 3000 });
    stream.pass(10, NOTHING);
    stream.isPaused = false;
    expect(stream.look()).toMatchObject({ state: 'unknown', since: 13_000 });
    expect(stream.pass(1.5, NOTHING).meter.flow.state).toBe('unknown');
    expect(stream.pass(1).states).toEqual(['unknown', 'flowing', 'paused', 'unknown', 'flowing']);
  });

  it('keeps its state while it cannot be read', () => {
    const stream = new Stream().pass(3);

    stream.at += 60_000;
    expect(stream.look()).toMatchObject({ state: 'flowing', since: 1000 });
  });

  it('has the same frozen object until something changes', () => {
    const stream = new Stream().pass(1);
    const { flow } = stream.meter;

    expect(Object.isFrozen(flow)).toBe(true);
    expect(stream.pass(5).meter.flow).toBe(flow);
    expect(stream.pass(5, NOTHING).meter.flow).not.toBe(flow);
  });
});

describe('a stream beside its heartbeat', () => {
  it.each(['suspect', 'dead'] as const)('is %s as the heartbeat says, whatever flows', state => {
    const stream = new Stream().pass(3);

    stream.connection = state;
    expect(stream.look()).toEqual({ state, since: 3000, stream: 'flowing', streamSince: 1000 });
    stream.pass(3, NOTHING, { isHeard: false });
    expect(stream.meter.flow).toEqual({ state, since: 3000, stream: 'silent', streamSince: 3000 });
    stream.connection = 'alive';
    expect(stream.look()).toMatchObject({ state: 'silent', since: 6000, streamSince: 3000 });
  });

  it('is judged alone without one, and while that is pending or closed', () => {
    for (const connection of [undefined, 'pending', 'closed'] as const) {
      const stream = new Stream();

      stream.connection = connection;
      stream.farSide = 'flowing';
      expect(stream.pass(3).pass(20, NOTHING).states).toEqual(['unknown', 'flowing', 'silent']);
    }
  });
});

describe('blocked', () => {
  it('is a stream that the peer sends and that does not arrive, once the peer was heard for 2 s after that', () => {
    const stream = new Stream();

    stream.farSide = 'flowing';
    stream.pass(3).pass(4, NOTHING);
    expect(stream.states).toEqual(['unknown', 'flowing', 'silent']);
    stream.pass(1, NOTHING);
    expect(stream.meter.flow).toMatchObject({ state: 'blocked', stream: 'silent', streamSince: 3000 });
    expect(stream.pass(1).states).toEqual(['unknown', 'flowing', 'silent', 'blocked', 'flowing']);
  });

  it('is a stream of which nothing ever arrived', () => {
    const stream = new Stream();

    stream.farSide = 'flowing';
    expect(stream.pass(6, NOTHING).states).toEqual(['unknown', 'silent', 'blocked']);
  });

  it.each(['silent', 'paused', 'unknown', undefined] as const)(
    'is no stream that is %s at its sender',
    far => {
      const stream = new Stream();

      stream.farSide = far;
      expect(stream.pass(3).pass(60, NOTHING).states).toEqual(['unknown', 'flowing', 'silent']);
    },
  );

  it('is no stream whose sender says a little later that it is silent', () => {
    const stream = new Stream();

    stream.farSide = 'flowing';
    stream.pass(3).pass(3, NOTHING);
    stream.farSide = 'silent';
    expect(stream.pass(60, NOTHING).states).toEqual(['unknown', 'flowing', 'silent']);
  });

  it('is no stream whose path is lost: it is silent, then suspect, then dead, and flows when the path is back', () => {
    const stream = new Stream();

    stream.farSide = 'flowing';
    stream.pass(3).pass(2.5, NOTHING, { isHeard: false });
    stream.connection = 'suspect';
    stream.pass(2, NOTHING, { isHeard: false });
    stream.connection = 'dead';
    stream.pass(10, NOTHING, { isHeard: false });
    stream.connection = 'alive';
    stream.pass(0.5, NOTHING).pass(3);
    expect(stream.states).toEqual(['unknown', 'flowing', 'silent', 'suspect', 'dead', 'silent', 'flowing']);
  });

  it('is no stream of a short outage, whose pings come back before its media', () => {
    const stream = new Stream();

    stream.farSide = 'flowing';
    stream.pass(3).pass(5, NOTHING, { isHeard: false }).pass(1, NOTHING).pass(1);
    expect(stream.states).toEqual(['unknown', 'flowing', 'silent', 'flowing']);
  });

  it('is a stream that is sent, and of which the receiver says that it is silent there', () => {
    const stream = new Stream({}, 'sender');

    stream.farSide = 'silent';
    expect(stream.pass(6).states).toEqual(['unknown', 'flowing', 'blocked']);
    stream.farSide = 'flowing';
    expect(stream.pass(0.5).states.at(-1)).toBe('flowing');
    // Its receiver may have paused it.
    stream.farSide = 'paused';
    expect(stream.pass(30).states.at(-1)).toBe('flowing');
  });

  it('is a stream that is sent, and about which no receiver report has come for 15 s', () => {
    for (const reportedAt of [null, 2000]) {
      const stream = new Stream({}, 'sender');

      stream.reportedAt = reportedAt;
      expect(stream.pass(15).states).toEqual(['unknown', 'flowing']);
      expect(stream.pass(5).states).toEqual(['unknown', 'flowing', 'blocked']);
      stream.reportedAt = stream.at;
      expect(stream.pass(1).states).toEqual(['unknown', 'flowing', 'blocked', 'flowing']);
    }
  });

  it('is no stream after an outage of 20 s, in which no receiver report could come', () => {
    const stream = new Stream({}, 'sender');

    stream.reportedAt = 2000;
    stream.pass(3);
    stream.connection = 'dead';
    stream.pass(20, SPEECH, { isHeard: false });
    stream.connection = 'alive';
    stream.pass(6);
    expect(stream.states).toEqual(['unknown', 'flowing', 'dead', 'flowing']);
  });

  it('is no stream that is silent itself, whatever the receiver says and reports', () => {
    const stream = new Stream({}, 'sender');

    stream.farSide = 'silent';
    stream.reportedAt = null;
    expect(stream.pass(60, NOTHING).states).toEqual(['unknown', 'silent']);
  });
});

describe('options', () => {
  it.each([
    [{ silentAfter: 499 }, 'silentAfter must be a number from 500 to 60000 (ms), got 499'],
    [{ silentAfter: Number.NaN }, 'silentAfter must be'],
    [{ silentAfter: '2000' }, "got the string '2000'"],
    [{ minBitrate: -1 }, 'minBitrate must be a number from 0 to 100000000 (bit/s), got -1'],
  ])('a MediaFlowMeter refuses %o', (options, message) => {
    expect(() => new MediaFlowMeter(options as never, 'receiver', 0)).toThrow(TypeError);
    expect(() => new MediaFlowMeter(options as never, 'receiver', 0)).toThrow(message);
  });

  it('isStreamState() knows the states of a stream, and nothing else', () => {
    expect(['unknown', 'flowing', 'silent', 'paused'].every(isStreamState)).toBe(true);
    expect(['blocked', 'dead', '', undefined, null, {}, ['flowing'], 1].some(isStreamState)).toBe(false);
  });
});
