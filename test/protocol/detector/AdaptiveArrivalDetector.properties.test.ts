import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';
import { type ArrivalEvent, ArrivalWalk, anything, stall, step } from './ArrivalWalk.ts';

const presets = fc.constantFrom<DetectorInput[]>(
  {},
  { preset: 'fast' },
  { preset: 'patient' },
  { interval: 250 },
);

function walk(input: DetectorInput, events: readonly ArrivalEvent[]): ArrivalWalk {
  const peer = new ArrivalWalk(resolveDetectorOptions(input));

  for (const event of events) {
    peer.apply(event);
  }

  return peer;
}

/** A server that pings once an interval, give or take, between events of which none is its fault. */
function healthy(between: fc.Arbitrary<ArrivalEvent>) {
  return fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: -50, max: 50 }), between), {
    maxLength: 40,
    size: 'max',
  });
}

describe('AdaptiveArrivalDetector, in any order of events,', () => {
  it('keeps its invariants', () => {
    fc.assert(
      fc.property(presets, anything, (input, events) => {
        walk(input, events);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back to whoever pings again, however rarely', () => {
    fc.assert(
      fc.property(presets, anything, fc.integer({ min: 10, max: 60_000 }), (input, events, every) => {
        const peer = walk(input, events).apply({ kind: 'start' });

        peer.apply({ kind: 'pass', ms: peer.options.deadBefore, every: undefined });
        peer.apply({ kind: 'pass', ms: 2 * every, every });
        expect(peer.judgement).not.toBe('dead');
      }),
      { numRuns: 500 },
    );
  });

  it('finds the dead, within the bound that holds for the poorest link', () => {
    fc.assert(
      fc.property(presets, anything, (input, events) => {
        const peer = walk(input, events).apply({ kind: 'start' });

        peer.apply({ kind: 'pass', ms: peer.options.deadBefore + peer.options.interval, every: undefined });
        expect(peer.judgement).toBe('dead');
      }),
      { numRuns: 300 },
    );
  });
});

describe('AdaptiveArrivalDetector, with a server that pings,', () => {
  const judgementsOf = (input: DetectorInput, turns: Array<[number, number, ArrivalEvent]>) => {
    const { interval } = resolveDetectorOptions(input);

    return walk(
      input,
      turns.flatMap(([pings, jitter, event]): ArrivalEvent[] => [
        { kind: 'pass', ms: pings * interval, every: interval + jitter },
        event,
      ]),
    ).judgements;
  };

  it('judges nobody for its own pauses, reported or not', () => {
    fc.assert(
      fc.property(presets, healthy(stall), (input, turns) => {
        expect(judgementsOf(input, turns)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('judges nobody for a clock that goes backwards or jumps', () => {
    fc.assert(
      fc.property(presets, healthy(step), (input, turns) => {
        expect(judgementsOf(input, turns)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
