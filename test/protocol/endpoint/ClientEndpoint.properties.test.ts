import { type DetectorInput, resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientWalk } from './ClientWalk.ts';
import { anything, stall, step, type WalkEvent } from './Walk.ts';

/** How far apart pings are, in ms. */
const delay = fc.oneof(fc.integer({ min: 50, max: 1000 }), fc.integer({ min: 1000, max: 5000 }));

const presets = fc.constantFrom<DetectorInput[]>(
  {},
  { preset: 'fast' },
  { preset: 'patient' },
  { interval: 250 },
);

function walk(input: DetectorInput, events: readonly WalkEvent[]): ClientWalk {
  const peer = new ClientWalk(resolveDetectorOptions(input));

  for (const event of events) {
    peer.apply(event);
  }

  return peer;
}

/** A server that pings once an interval, give or take, between events of which none is its fault. */
function healthy(between: fc.Arbitrary<WalkEvent>) {
  return fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: -50, max: 50 }), between), {
    maxLength: 40,
    size: 'max',
  });
}

describe('ClientEndpoint, in any order of events,', () => {
  it('keeps its invariants', () => {
    fc.assert(
      fc.property(presets, anything(delay), (input, events) => {
        walk(input, events);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back to whoever pings again, however rarely', () => {
    fc.assert(
      fc.property(presets, anything(delay), fc.integer({ min: 10, max: 60_000 }), (input, events, every) => {
        const peer = walk(input, events).apply({ kind: 'start' });

        peer.apply({ kind: 'pass', ms: peer.bounds.deadAtLatest, delay: undefined });
        peer.apply({ kind: 'pass', ms: 2 * every, delay: every });
        expect(peer.endpoint.figures.suspicion).toBeLessThan(1);

        if (every < peer.bounds.deadAfter) {
          expect(peer.state).toBe('alive');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds the dead, within the bound that holds for the poorest link', () => {
    fc.assert(
      fc.property(presets, anything(delay), (input, events) => {
        const peer = walk(input, events).apply({ kind: 'start' });

        peer.apply({ kind: 'pass', ms: peer.bounds.deadAtLatest + peer.bounds.interval, delay: undefined });
        expect(peer.state).toBe('dead');
      }),
      { numRuns: 300 },
    );
  });
});

describe('ClientEndpoint, with a server that pings,', () => {
  const statesOf = (input: DetectorInput, turns: Array<[number, number, WalkEvent]>) => {
    const { interval } = resolveDetectorOptions(input);

    return walk(
      input,
      turns.flatMap(([pings, jitter, event]): WalkEvent[] => [
        { kind: 'pass', ms: pings * interval, delay: interval + jitter },
        event,
      ]),
    ).states;
  };

  it('judges nobody for its own stalls, reported or not', () => {
    fc.assert(
      fc.property(presets, healthy(stall), (input, turns) => {
        expect(statesOf(input, turns)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('judges nobody for a clock that goes backwards or jumps', () => {
    fc.assert(
      fc.property(presets, healthy(step), (input, turns) => {
        expect(statesOf(input, turns)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
