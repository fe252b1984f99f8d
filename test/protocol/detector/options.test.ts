import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suspectAtLatest } from '../../../packages/protocol/src/detector/bounds.ts';
import type { DetectorOptions } from '../../../packages/protocol/src/detector/FailureDetector.ts';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';
import { type DetectorPreset, PRESET_INTERVALS } from '../../../packages/protocol/src/detector/presets.ts';

const PRESETS = Object.keys(PRESET_INTERVALS) as DetectorPreset[];

const BOUNDS = ['suspectAfter', 'deadAfter', 'deadAtLatest', 'unresponsiveAfter'] as const;

/** Which has to be below which, and whether they may be equal: all pairs, not only neighbours. */
const ORDER: ReadonlyArray<[lower: keyof DetectorOptions, upper: keyof DetectorOptions, equal: boolean]> = [
  ['interval', 'suspectAfter', false],
  ['interval', 'deadAfter', false],
  ['interval', 'deadAtLatest', false],
  ['interval', 'unresponsiveAfter', false],
  ['suspectAfter', 'deadAfter', false],
  ['suspectAfter', 'deadAtLatest', false],
  ['suspectAfter', 'unresponsiveAfter', false],
  ['deadAfter', 'deadAtLatest', true],
  ['deadAfter', 'unresponsiveAfter', true],
];

const interval = fc.integer({ min: 100, max: 15_000 });
const bound = fc.oneof(fc.integer({ min: 100, max: 20_000 }), fc.integer({ min: 100, max: 3_600_000 }));
const inputs: fc.Arbitrary<DetectorInput> = fc.record(
  {
    preset: fc.constantFrom('balanced', 'fast', 'patient'),
    interval,
    suspectAfter: bound,
    deadAfter: bound,
    deadAtLatest: bound,
    unresponsiveAfter: bound,
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** The pairs of what was asked for that contradict each other. An interval is always asked for: the preset's. */
function contradictions(input: DetectorInput) {
  const asked = { ...input, interval: input.interval ?? PRESET_INTERVALS[input.preset ?? 'balanced'] };

  return ORDER.filter(([lower, upper, equal]) => {
    const low = asked[lower];
    const high = asked[upper];

    return low !== undefined && high !== undefined && (equal ? low > high : low >= high);
  });
}

describe('resolveDetectorOptions', () => {
  it('is the balanced preset where nothing is asked for', () => {
    expect(resolveDetectorOptions()).toEqual(resolveDetectorOptions({ preset: 'balanced' }));
    expect(resolveDetectorOptions({})).toMatchObject({ interval: 1000, suspectAfter: 1600, deadAfter: 5250 });
  });

  it.each([
    [{ interval: 5000, suspectAfter: 4000 }, 'suspectAfter (4000) must be above interval (5000)'],
    [{ interval: 5000, deadAfter: 5000 }, 'deadAfter (5000) must be above interval (5000)'],
    [{ interval: 5000, deadAtLatest: 3000 }, 'deadAtLatest (3000) must be above interval (5000)'],
    [{ unresponsiveAfter: 900 }, 'unresponsiveAfter (900) must be above interval (1000)'],
    [{ suspectAfter: 6000, deadAfter: 5000 }, 'deadAfter (5000) must be above suspectAfter (6000)'],
    [{ suspectAfter: 6000, deadAtLatest: 6000 }, 'deadAtLatest (6000) must be above suspectAfter (6000)'],
    [{ deadAfter: 9000, deadAtLatest: 8000 }, 'deadAtLatest (8000) must be at least deadAfter (9000)'],
    [
      { deadAfter: 9000, unresponsiveAfter: 8999 },
      'unresponsiveAfter (8999) must be at least deadAfter (9000)',
    ],
  ])('refuses %j and names both', (input, message) => {
    expect(() => resolveDetectorOptions(input)).toThrow(new TypeError(message));
  });

  it.each([
    [{ preset: 'eager' }, "preset must be one of balanced, fast, patient, got the string 'eager'"],
    [
      { preset: 'constructor' },
      "preset must be one of balanced, fast, patient, got the string 'constructor'",
    ],
    [{ preset: null }, 'preset must be one of balanced, fast, patient, got null'],
    [{ interval: 99 }, 'interval must be a number from 100 to 15000 (ms), got 99'],
    [{ interval: '1000' }, "interval must be a number from 100 to 15000 (ms), got the string '1000'"],
    [{ interval: Number.NaN }, 'interval must be a number from 100 to 15000 (ms), got NaN'],
    [
      { deadAfter: Number.POSITIVE_INFINITY },
      'deadAfter must be a number from 100 to 3600000 (ms), got Infinity',
    ],
    [{ deadAtLatest: null }, 'deadAtLatest must be a number from 100 to 3600000 (ms), got null'],
    [{ suspectAfter: -1 }, 'suspectAfter must be a number from 100 to 3600000 (ms), got -1'],
  ])('refuses %j and says what is allowed', (input, message) => {
    expect(() => resolveDetectorOptions(input as DetectorInput)).toThrow(new TypeError(message));
  });

  it('lets a bound give way that nobody asked for', () => {
    expect(resolveDetectorOptions({ deadAfter: 1500 })).toMatchObject({
      suspectAfter: 1250,
      deadAfter: 1500,
    });
    expect(resolveDetectorOptions({ deadAtLatest: 3000 })).toMatchObject({
      deadAfter: 3000,
      deadAtLatest: 3000,
    });
    expect(resolveDetectorOptions({ suspectAfter: 8000 })).toMatchObject({ deadAfter: 9000 });
  });

  it.each(PRESETS)('%s is as patient with poor links and hung pages behind a later deadAfter', preset => {
    const usual = resolveDetectorOptions({ preset });

    fc.assert(
      fc.property(fc.integer({ min: Math.ceil(usual.suspectAfter) + 1, max: 3_600_000 }), deadAfter => {
        const options = resolveDetectorOptions({ preset, deadAfter });
        const later = Math.max(0, deadAfter - usual.deadAfter);

        expect(options).toEqual({
          ...usual,
          deadAfter,
          deadAtLatest: usual.deadAtLatest + later,
          unresponsiveAfter: usual.unresponsiveAfter + later,
        });
        // Nobody is suspected sooner for being dead later.
        expect(suspectAtLatest(options)).toBeGreaterThanOrEqual(suspectAtLatest(usual));
      }),
    );
  });

  it('leaves the presets as they are', () => {
    expect(resolveDetectorOptions({ preset: 'balanced' })).toEqual({
      interval: 1000,
      suspectAfter: 1600,
      deadAfter: 5250,
      deadAtLatest: 24_850,
      unresponsiveAfter: 61_000,
    });
    expect(resolveDetectorOptions({ preset: 'fast' })).toEqual({
      interval: 1000,
      suspectAfter: 1150,
      deadAfter: 1400,
      deadAtLatest: 10_000,
      unresponsiveAfter: 16_000,
    });
    expect(resolveDetectorOptions({ preset: 'patient' })).toEqual({
      interval: 3000,
      suspectAfter: 5000,
      deadAfter: 45_000,
      deadAtLatest: 90_000,
      unresponsiveAfter: 123_000,
    });
  });

  it('refuses exactly what contradicts itself, naming two that do, and else keeps every word', () => {
    fc.assert(
      fc.property(inputs, input => {
        const wrong = contradictions(input);
        let options: DetectorOptions;

        try {
          options = resolveDetectorOptions(input);
        } catch (error) {
          const { message } = error as TypeError;

          expect(error).toBeInstanceOf(TypeError);
          expect(
            wrong.some(([lower, upper]) => message.includes(`${lower} (`) && message.includes(`${upper} (`)),
            `"${message}" names none of ${JSON.stringify(wrong)}`,
          ).toBe(true);

          return;
        }

        expect(wrong).toEqual([]);
        expect(options).toMatchObject(
          Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'preset')),
        );
        expect(contradictions(options)).toEqual([]);
        expect(BOUNDS.every(name => Number.isFinite(options[name]))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
