import { type DetectorInput, resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeStep } from '../../../packages/protocol/src/endpoint/PingSchedule.ts';
import { ServerWalk } from './ServerWalk.ts';
import { anything, stall, step, type WalkEvent } from './Walk.ts';

/** How long answers take, in ms. */
const delay = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 300, max: 9000 }));

const presets = fc.constantFrom<DetectorInput[]>(
  {},
  { preset: 'fast' },
  { preset: 'patient' },
  { interval: 250 },
);

function walk(input: DetectorInput, events: readonly WalkEvent[]): ServerWalk {
  const peer = new ServerWalk(resolveDetectorOptions(input));

  for (const event of events) {
    peer.apply(event);
  }

  return peer;
}

/** A peer that answers, between events of which none is its fault. */
function healthy(between: fc.Arbitrary<WalkEvent>): fc.Arbitrary<WalkEvent[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 120 }), between), {
      maxLength: 40,
      size: 'max',
    })
    .map(turns =>
      turns.flatMap(([ms, rtt, event]): WalkEvent[] => [{ kind: 'pass', ms, delay: rtt }, event]),
    );
}

describe('ServerEndpoint, in any order of events,', () => {
  it('keeps its invariants', () => {
    fc.assert(
      fc.property(presets, anything(delay), (input, events) => {
        walk(input, events);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back to whoever answers again, however late the answers are', () => {
    fc.assert(
      fc.property(presets, anything(delay), fc.integer({ min: 0, max: 8000 }), (input, events, rtt) => {
        const peer = walk(input, events).apply({ kind: 'pass', ms: 10_000, delay: undefined });

        if (peer.endpoint.nextTimeout === Number.POSITIVE_INFINITY) {
          peer.apply({ kind: 'start' });
        }

        const { interval, deadAtLatest } = peer.bounds;
        // Answers are too late after 128 further pings, until the peer is dead and pinged more rarely. [HB-PONG-2]
        const tooLate = rtt > (128 * probeStep(interval)) / 2 ? deadAtLatest : 0;

        peer.apply({ kind: 'pass', ms: 2 * rtt + 5 * interval + tooLate, delay: rtt });
        expect(peer.state).toBe('alive');
      }),
      { numRuns: 300 },
    );
  });

  it('finds the dead, within the bound that holds for the poorest link', () => {
    fc.assert(
      fc.property(presets, anything(delay), (input, events) => {
        const peer = walk(input, events).apply({ kind: 'start' });
        const { deadAtLatest } = peer.bounds;

        // Answers that are on their way yet, and the longest timeout after the bound.
        peer.apply({ kind: 'pass', ms: 9000, delay: undefined });
        peer.apply({ kind: 'pass', ms: deadAtLatest + 4000, delay: undefined });
        expect(peer.state).toBe('dead');
      }),
      { numRuns: 300 },
    );
  });

  it('asks no more than 20 pings an interval, nor to be called for nothing', () => {
    fc.assert(
      fc.property(presets, anything(delay), (input, events) => {
        const peer = walk(input, events).apply({ kind: 'start' });
        const before = peer.pings;

        peer.apply({ kind: 'pass', ms: 10 * peer.bounds.interval, delay: undefined });
        expect(peer.pings - before).toBeLessThanOrEqual(10 * 20 + 2);
      }),
      { numRuns: 300 },
    );
  });
});

describe('ServerEndpoint, with a peer that answers,', () => {
  it('judges nobody for its own stalls, reported or not', () => {
    fc.assert(
      fc.property(presets, healthy(stall), (input, events) => {
        expect(walk(input, events).states).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('judges nobody for a clock that goes backwards or jumps', () => {
    fc.assert(
      fc.property(presets, healthy(step), (input, events) => {
        expect(walk(input, events).states).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
