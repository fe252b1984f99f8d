import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';
import { anything, type PingEvent, PingWalk, stall, step } from './PingWalk.ts';

const presets = fc.constantFrom<DetectorInput[]>(
  {},
  { preset: 'fast' },
  { preset: 'patient' },
  { interval: 250 },
);

function walk(input: DetectorInput, events: readonly PingEvent[]): PingWalk {
  const peer = new PingWalk(resolveDetectorOptions(input));

  for (const event of events) {
    peer.apply(event);
  }

  return peer;
}

/** A peer that answers, between events of which none is its fault. */
function healthy(between: fc.Arbitrary<PingEvent>): fc.Arbitrary<PingEvent[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 120 }), between), {
      maxLength: 40,
      size: 'max',
    })
    .map(turns => turns.flatMap(([ms, rtt, event]): PingEvent[] => [{ kind: 'pass', ms, rtt }, event]));
}

describe('AdaptiveDetector, in any order of events,', () => {
  it('keeps its invariants', () => {
    fc.assert(
      fc.property(presets, anything, (input, events) => {
        walk(input, events);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back to whoever answers again, however late the answers are', () => {
    fc.assert(
      fc.property(presets, anything, fc.integer({ min: 0, max: 8000 }), (input, events, rtt) => {
        const peer = walk(input, events).apply({ kind: 'pass', ms: 10_000, rtt: undefined });

        if (peer.detector.pingAt === Number.POSITIVE_INFINITY) {
          peer.apply({ kind: 'start' });
        }

        peer.apply({ kind: 'pass', ms: 2 * rtt + 5 * peer.options.interval, rtt });
        expect(peer.judgement).toBe('alive');
      }),
      { numRuns: 300 },
    );
  });

  it('finds the dead, within the bound that holds for the poorest link', () => {
    fc.assert(
      fc.property(presets, anything, (input, events) => {
        const peer = walk(input, events).apply({ kind: 'start' });
        const { deadBefore } = peer.options;

        // Answers that are on their way yet, and the slowest deadline behind the bound.
        peer.apply({ kind: 'pass', ms: 9000, rtt: undefined });
        peer.apply({ kind: 'pass', ms: deadBefore + 4000, rtt: undefined });
        expect(peer.judgement).toBe('dead');
      }),
      { numRuns: 300 },
    );
  });

  it('asks no more than 20 pings an interval, nor to be called for nothing', () => {
    fc.assert(
      fc.property(presets, anything, (input, events) => {
        const peer = walk(input, events).apply({ kind: 'start' });
        const before = peer.pings;

        peer.apply({ kind: 'pass', ms: 10 * peer.options.interval, rtt: undefined });
        expect(peer.pings - before).toBeLessThanOrEqual(10 * 20 + 2);
      }),
      { numRuns: 300 },
    );
  });
});

describe('AdaptiveDetector, with a peer that answers,', () => {
  it('judges nobody for its own pauses, reported or not', () => {
    fc.assert(
      fc.property(presets, healthy(stall), (input, events) => {
        expect(walk(input, events).judgements).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('judges nobody for a clock that goes backwards or jumps', () => {
    fc.assert(
      fc.property(presets, healthy(step), (input, events) => {
        expect(walk(input, events).judgements).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
