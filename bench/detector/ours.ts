import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';
import type { DetectorPreset } from '../../packages/protocol/src/detector/presets.ts';
import type { Entry } from './Contender.ts';
import { OwnClient } from './OwnClient.ts';
import { OwnServer } from './OwnServer.ts';

function ours(preset: DetectorPreset, source: string): Entry {
  const bounds = resolveDetectorOptions({ preset });

  return {
    name: preset,
    source,
    ours: true,
    suspects: true,
    create: () => ({
      detector: new OwnServer(bounds),
      asks: true,
      answering: isHidden => new OwnClient(bounds, isHidden),
    }),
  };
}

/** The presets of this project. */
export const OURS: readonly Entry[] = [
  ours('balanced', 'this project, the default: interval 1 s'),
  ours('fast', 'this project, for games and remote control: interval 1 s'),
  ours('patient', 'this project, for mobile: interval 3 s'),
];
