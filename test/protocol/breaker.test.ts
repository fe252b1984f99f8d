import {
  type BreakerChange,
  type BreakerOptions,
  CircuitBreaker,
  type SenderReading,
} from '@mediasoup-heartbeat/protocol/breaker';
import { beforeEach, describe, expect, it } from 'vitest';

/** A stream of 100 packets of 1250 bytes a second: 1 Mbit/s. */
const USUAL = { perSecond: 100, bytes: 1250, loss: 0, rtt: 100 as number | undefined };

type Stream = Partial<typeof USUAL> & Pick<SenderReading, 'reportedAt' | 'highestSequence'>;

let breaker: CircuitBreaker;
let reading: SenderReading;
let changes: BreakerChange[];

function start(options: Partial<BreakerOptions> = {}): void {
  breaker = new CircuitBreaker({ kind: 'video', reportInterval: 1000, ...options });
  reading = { at: 1_000_000, packets: 0, bytes: 0, lost: 0, rtt: undefined };
  changes = [];
  take(breaker.read(reading));
}

beforeEach(() => start());

function take(change: BreakerChange | undefined): void {
  if (change !== undefined) {
    changes.push(change);
  }
}

/** Lets so many seconds pass with a stream. Returns what the breaker said, as "state: advice". */
function run(seconds: number, stream: Stream | ((second: number) => Stream) = {}): string[] {
  const from = changes.length;
  const step = breaker.reportInterval / 1000;

  for (let second = 0; second < seconds; second += step) {
    const { perSecond, bytes, loss, rtt, ...fields } = {
      ...USUAL,
      ...(typeof stream === 'function' ? stream(second) : stream),
    };
    const sent = perSecond * step;

    reading = {
      at: reading.at + 1000 * step,
      packets: reading.packets + sent,
      bytes: reading.bytes + sent * bytes,
      lost: reading.lost + sent * loss,
      rtt,
      ...fields,
    };
    take(breaker.read(reading));
  }

  return changes.slice(from).map(({ state, advice }) => `${state}: ${advice}`);
}

/** 20 Mbit/s over an RTT of 200 ms with 5 % loss: TCP would reach 0.2 Mbit/s. */
const CONGESTED: Stream = { perSecond: 2000, loss: 0.05, rtt: 200 };

describe('the congestion rule', () => {
  it('does not open for a stream without loss, however fast, nor for one that is modest', () => {
    expect(run(60, { perSecond: 100_000 })).toEqual([]);
    start();
    expect(run(60, { perSecond: 50, loss: 0.05 })).toEqual([]);
  });

  it('opens after one interval for a stream that takes more than ten times what TCP would reach, with the figures', () => {
    expect(run(3, CONGESTED)).toEqual(['open: reduce']);
    expect(changes[0]).toMatchObject({
      rule: 'congestion',
      previous: 'closed',
      figures: { loss: 0.05, rate: 20_000_000, rtt: 200, interval: 3000 },
    });
    // By hand: s = 10,000 bit; 0.2 · √(2·0.05/3) + 0.8 · 3 · √(3·0.05/8) · 0.05 · (1 + 32 · 0.0025) = 0.05426 s.
    expect((changes[0] as BreakerChange).figures.limit).toBeCloseTo((10 * 10_000) / 0.054_26, -4);
  });

  it('counts intervals as CB_INTERVAL says: longer with a longer round trip, and at most 15 s', () => {
    start({ unusableLoss: false });
    // 10 · Tr = 8 s.
    expect(run(7, { ...CONGESTED, rtt: 800 })).toEqual([]);
    expect(run(1, { ...CONGESTED, rtt: 800 })).toEqual(['open: reduce']);
    start({ unusableLoss: false });
    expect(run(14, { ...CONGESTED, rtt: 9000 })).toEqual([]);
    expect(run(1, { ...CONGESTED, rtt: 9000 })).toEqual(['open: reduce']);
  });

  it('makes a video that has been reduced, and still breaks the rule, cease in the next interval, and an audio stream, too', () => {
    expect(run(6, CONGESTED)).toEqual(['open: reduce', 'open: audio-only']);
    start({ kind: 'audio' });
    expect(run(6, CONGESTED)).toEqual(['open: reduce', 'open: stop']);
  });

  it('says it once to an application that does not follow', () => {
    expect(run(60, CONGESTED)).toEqual(['open: reduce', 'open: audio-only']);
  });

  it('says nothing of a stream that pauses within the interval', () => {
    expect(run(30, second => (second % 2 === 0 ? CONGESTED : { ...CONGESTED, perSecond: 0 }))).toEqual([]);
  });

  it('begins anew where the counters do', () => {
    run(2, CONGESTED);
    reading = { ...reading, packets: 0, bytes: 0, lost: 0 };
    expect(run(2, CONGESTED)).toEqual([]);
  });
});

describe('the usability rule', () => {
  it('opens if a tenth is lost over an interval, or as much as was asked for', () => {
    expect(run(10, { loss: 0.09 })).toEqual([]);
    expect(run(3, { loss: 0.15 })).toEqual(['open: reduce']);
    expect(changes[0]?.rule).toBe('usability');
    start({ unusableLoss: 0.05 });
    expect(run(3, { loss: 0.06 })).toEqual(['open: reduce']);
    start({ unusableLoss: false });
    expect(run(30, { loss: 0.2, perSecond: 5 })).toEqual([]);
  });
});

describe('the RTCP timeout', () => {
  it('opens if a stream goes on for 15 s without a report, also if there has never been one', () => {
    expect(run(15, { reportedAt: null })).toEqual(['open: stop']);
    expect(changes[0]?.rule).toBe('rtcp-timeout');
    start();
    run(5, () => ({ reportedAt: reading.at + 1000 }));

    const reportedAt = reading.at;

    expect(run(14, { reportedAt })).toEqual([]);
    expect(run(1, { reportedAt })).toEqual(['open: stop']);
  });

  it('does not open while nothing is sent, nor where this side cannot tell', () => {
    expect(run(60, { reportedAt: null, perSecond: 0 })).toEqual([]);
    expect(run(60)).toEqual([]);
  });
});

describe('the media timeout', () => {
  it('opens after five reports without progress, although packets are sent', () => {
    run(3, second => ({ highestSequence: second }));
    expect(run(5, { highestSequence: 2 })).toEqual(['open: stop']);
    expect(changes[0]?.rule).toBe('media-timeout');
  });

  it('begins to count anew with any progress, and waits longer on a long round trip', () => {
    expect(run(60, second => ({ highestSequence: Math.floor(second / 4) }))).toEqual([]);
    start();
    // ⌈5 · 2 s / 1 s⌉ = 10 reports.
    expect(run(10, { highestSequence: 2, rtt: 2000 })).toEqual([]);
    expect(run(1, { highestSequence: 2, rtt: 2000 })).toEqual(['open: stop']);
  });
});

describe('another try', () => {
  it('is due for a reduced stream that gets through for an interval, and closes the breaker if it goes on getting through', () => {
    expect(run(3, CONGESTED)).toEqual(['open: reduce']);
    expect(run(3)).toEqual(['half-open: none']);
    expect(changes.at(-1)?.evidence).toBeUndefined();
    expect(run(3)).toEqual(['closed: none']);
    expect(changes.at(-1)?.rule).toBeUndefined();
  });

  it('never comes by itself after a stream has stopped', () => {
    run(6, CONGESTED);
    expect(run(600, { perSecond: 0 })).toEqual([]);
  });

  it('comes with a path that is well, and with a new path, but not before the interval is over', () => {
    for (const evidence of ['path-well', 'new-path'] as const) {
      start();
      run(6, CONGESTED);
      take(breaker.tell(evidence, reading.at));
      expect(breaker.state).toBe('open');
      expect(run(2, { perSecond: 0 })).toEqual([]);
      expect(run(1, { perSecond: 0 })).toEqual(['half-open: none']);
      expect(changes.at(-1)).toMatchObject({ evidence });
    }
  });

  it('does not come if the path is no longer well when it would be due', () => {
    run(6, CONGESTED);
    breaker.tell('path-well', reading.at);
    breaker.tell(undefined, reading.at);
    expect(run(60, { perSecond: 0 })).toEqual([]);
  });

  it('comes with a new path, although the pings of the heartbeat do not get through yet', () => {
    run(6, CONGESTED);
    breaker.tell('new-path', reading.at);
    breaker.tell(undefined, reading.at);
    breaker.tell('path-well', reading.at);
    expect(run(3, { perSecond: 0 })).toEqual(['half-open: none']);
    expect(changes.at(-1)?.evidence).toBe('new-path');
  });

  it('waits twice as long after each failure, and not on a new path', () => {
    const waits: number[] = [];

    run(6, CONGESTED);

    for (let time = 0; time < 4; time++) {
      const { at } = reading;

      take(breaker.tell('path-well', at));

      while (breaker.state === 'open') {
        run(1, { perSecond: 0 });
      }

      waits.push((reading.at - at) / 1000);
      expect(run(3, CONGESTED)).toEqual(['open: audio-only']);
    }

    expect(waits).toEqual([3, 6, 12, 24]);
    take(breaker.tell('new-path', reading.at));
    expect(run(3, { perSecond: 0 })).toEqual(['half-open: none']);
  });

  it('stays half-open until packets flow for an interval', () => {
    run(6, CONGESTED);
    breaker.tell('new-path', reading.at);
    run(3, { perSecond: 0 });
    expect(run(60, { perSecond: 0 })).toEqual([]);
    expect(run(4)).toEqual(['closed: none']);
  });
});

it('takes undefined for an option that is left out', () => {
  const left = {
    reportInterval: undefined,
    frameInterval: undefined,
    groupSize: undefined,
    unusableLoss: undefined,
  };

  expect(new CircuitBreaker({ kind: 'audio', ...left } as never).reportInterval).toBe(5000);
  expect(new CircuitBreaker({ kind: 'video', ...left } as never).reportInterval).toBe(1000);
});

it.each<[object, string]>([
  [{ kind: 'data' }, "kind must be 'audio' or 'video', got data"],
  [{ reportInterval: 1 }, 'reportInterval must be a number from 500 to 60000, got 1'],
  [{ frameInterval: Number.NaN }, 'frameInterval must be a number from 1 to 10000, got NaN'],
  [{ groupSize: 1.5 }, 'groupSize must be an integer from 1 to 10000, got 1.5'],
  [{ unusableLoss: 2 }, 'unusableLoss must be a number from 0.01 to 1, got 2'],
])('refuses the options %o', (options, message) => {
  expect(() => start(options)).toThrow(TypeError);
  expect(() => start(options)).toThrow(message);
});
