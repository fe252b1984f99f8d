import type { State, Stats } from '@mediasoup-heartbeat/protocol';
import { type MediaLoss, type Quality, QualityMeter } from '@mediasoup-heartbeat/protocol/quality';
import { beforeEach, describe, expect, it } from 'vitest';

type Path = { rtt?: number; variation?: number; downlink?: number; uplink?: number };

let meter: QualityMeter;
let now: number;

beforeEach(() => {
  meter = new QualityMeter();
  now = 1_000_000;
});

/** The figures of a path. */
function stats({ rtt = 20, variation = 2, downlink = 0, uplink = 0 }: Path): Stats {
  return {
    at: now,
    rtt: { last: rtt, smoothed: rtt, variation, min: rtt, p50: rtt, p95: rtt },
    loss: { downlink, uplink, round: 0, window: 120 },
  } as Stats;
}

/** Judges such a path so often, once every 5 s. */
function judge(
  path: Path,
  { times = 1, state = 'alive' as State, media }: { times?: number; state?: State; media?: MediaLoss } = {},
): Quality {
  for (let time = 0; time < times; time++) {
    now += 5000;
    meter.update({ state, stats: stats(path), media });
  }

  return meter.quality;
}

describe('the quality of a path', () => {
  // R and the score by hand: d = RTT/2 + variation, I = d/40 up to 160 ms and (d − 120)/10 above, 8 for each percent of loss.
  it.each<[string, Path, number, string, string]>([
    ['of a LAN', { rtt: 1, variation: 0 }, 4.5, 'excellent', 'none'],
    ['of a good path without media', { rtt: 40, variation: 4 }, 4.49, 'excellent', 'none'],
    ['over a satellite', { rtt: 600, variation: 10 }, 4.09, 'excellent', 'delay'],
    ['with a second of round trip', { rtt: 1000, variation: 20 }, 3.1, 'good', 'delay'],
    ['with much jitter', { rtt: 100, variation: 300 }, 3.91, 'good', 'jitter'],
    ['with 3 % loss', { downlink: 0.03 }, 3.85, 'good', 'loss'],
    ['with 9 % loss', { downlink: 0.09 }, 1.5, 'poor', 'loss'],
    ['with 20 % loss', { downlink: 0.2 }, 1, 'lost', 'loss'],
  ])('%s: %o', (_name, path, score, rating, cause) => {
    const { downlink } = judge(path);

    expect(downlink.score).toBeCloseTo(score, 1);
    expect(downlink).toMatchObject({ rating, cause });
  });

  it('is judged by direction', () => {
    expect(judge({ uplink: 0.2 })).toMatchObject({
      downlink: { rating: 'excellent', cause: 'none' },
      uplink: { rating: 'lost', cause: 'loss' },
    });
  });

  it('counts the loss of media if that is worse, and does not count a packet twice', () => {
    expect(judge({ uplink: 0.01 }, { media: { uplink: 0.09, downlink: 0 } }).uplink).toMatchObject({
      rating: 'poor',
      cause: 'media-loss',
    });
    meter = new QualityMeter();
    expect(judge({ uplink: 0.09 }, { media: { uplink: 0.09 } }).uplink).toMatchObject({
      rating: 'poor',
      cause: 'loss',
      score: judge({ uplink: 0.09 }).uplink.score,
    });
  });

  it.each<State>(['pending', 'closed'])('is unknown while the heartbeat is %s', state => {
    judge({});
    expect(judge({}, { state })).toEqual({
      downlink: { score: undefined, rating: 'unknown', cause: 'none' },
      uplink: { score: undefined, rating: 'unknown', cause: 'none' },
    });
  });

  it('is poor at best while the peer is suspect, and lost while it is dead, at once', () => {
    judge({});
    expect(judge({}, { state: 'suspect' }).downlink).toMatchObject({ rating: 'poor', cause: 'silence' });
    expect(judge({}, { state: 'dead' }).uplink).toEqual({ score: 1, rating: 'lost', cause: 'silence' });
  });

  it('never leaves its range, whatever the figures are', () => {
    for (const path of [
      { rtt: 0, variation: 0 },
      { rtt: 1e9, variation: 1e9, downlink: 1, uplink: 1 },
    ]) {
      for (const { score } of Object.values(judge(path, { times: 20 }))) {
        expect(score).toBeGreaterThanOrEqual(1);
        expect(score).toBeLessThanOrEqual(4.5);
      }
    }
  });
});

describe('a quality that changes', () => {
  it('follows bad news within one look, and good news within a few', () => {
    judge({}, { times: 3 });
    expect(judge({ downlink: 0.2 }).downlink.rating).toBe('lost');

    const ratings = Array.from({ length: 5 }, () => judge({}).downlink.rating);

    expect(ratings).toEqual(['good', 'good', 'good', 'excellent', 'excellent']);
  });

  it('follows as fast if it is looked at more often', () => {
    judge({}, { times: 3 });

    for (let second = 0; second < 5; second++) {
      now += 1000;
      meter.update({ state: 'alive', stats: stats({ downlink: 0.2 }) });
    }

    const often = meter.quality.downlink.score as number;

    meter = new QualityMeter();
    judge({}, { times: 3 });
    expect(often).toBeCloseTo(judge({ downlink: 0.2 }).downlink.score as number, 1);
  });

  it('does not flicker at the border of two ratings', () => {
    const ratings: string[] = [];

    judge({ downlink: 0.03 }, { times: 10 });

    for (let time = 0; time < 20; time++) {
      ratings.push(judge({ downlink: time % 2 === 0 ? 0.025 : 0.02 }).downlink.rating);
    }

    expect(new Set(ratings)).toEqual(new Set(['good']));
  });

  it('is the same frozen object until something of note changes', () => {
    const before = judge({}, { times: 2 });

    expect(judge({ rtt: 21 })).toBe(before);
    expect(Object.isFrozen(before) && Object.isFrozen(before.downlink)).toBe(true);

    const after = judge({ downlink: 0.1 });

    expect(after).not.toBe(before);
    // What has not changed is the same object, too.
    expect(after.uplink).toBe(before.uplink);
  });
});
