import { AdaptiveArrivalDetector } from '../../packages/protocol/src/detector/AdaptiveArrivalDetector.ts';
import { AdaptiveDetector } from '../../packages/protocol/src/detector/AdaptiveDetector.ts';
import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';
import type { DetectorPreset } from '../../packages/protocol/src/detector/presets.ts';
import type { Entry } from './Contender.ts';

function ours(preset: DetectorPreset, source: string): Entry {
  const options = resolveDetectorOptions({ preset });

  return {
    name: preset,
    source,
    ours: true,
    suspects: true,
    create: () => ({
      detector: new AdaptiveDetector(options),
      asks: true,
      answering: () => new AdaptiveArrivalDetector(options),
    }),
  };
}

/** The presets of this project. */
export const OURS: readonly Entry[] = [
  ours('balanced', 'this project, the default: interval 1 s'),
  ours('fast', 'this project, for games and remote control: interval 1 s'),
  ours('patient', 'this project, for mobile: interval 3 s'),
];
