import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveDetectorOptions } from '../../../packages/protocol/src/detector/options.ts';
import {
  type DetectorPreset,
  PRESET_INTERVALS,
  presetOptions,
} from '../../../packages/protocol/src/detector/presets.ts';

const PRESETS = Object.keys(PRESET_INTERVALS) as DetectorPreset[];

describe('presets', () => {
  it.each(PRESETS)('%s is in order at any interval, and nothing of it has to give way', preset => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 15_000 }), interval => {
        const options = presetOptions(preset, interval);
        const { suspectAfter, deadAfter, deadAtLatest, unresponsiveAfter } = options;

        expect(resolveDetectorOptions({ preset, interval })).toEqual(options);
        expect(interval).toBeLessThan(suspectAfter);
        expect(suspectAfter).toBeLessThan(deadAfter);
        expect(deadAfter).toBeLessThanOrEqual(Math.min(deadAtLatest, unresponsiveAfter));
      }),
    );
  });

  it('balanced leaves room for an outage of 4 s behind a ping that was answered an interval ago', () => {
    expect(presetOptions('balanced', 1000).deadAfter).toBeGreaterThan(1000 + 4000);
    expect(presetOptions('balanced', 5000).deadAfter).toBeGreaterThan(5000 + 4000);
  });

  it('patient leaves room for a tunnel of 40 s, and fast for next to nothing', () => {
    expect(presetOptions('patient', PRESET_INTERVALS.patient).deadAfter).toBeGreaterThan(3000 + 40_000);
    expect(presetOptions('fast', 1000).deadAfter).toBeLessThan(1500);
  });
});
