import { INTERVAL } from '../constants.ts';
import type { DetectorOptions } from './Detector.ts';
import { type DetectorPreset, PRESET_INTERVALS, presetOptions } from './presets.ts';

/** What may be said about detection; all of it may be left out. Times in ms. */
export type DetectorInput = {
  /** Bounds with measured figures. Default `balanced`. */
  preset?: DetectorPreset | undefined;
} & { [Name in keyof DetectorOptions]?: number | undefined };

/** The longest bound, in ms. */
const LONGEST_BOUND = 3_600_000;

/** What may be asked for besides the interval. */
const BOUNDS = ['suspectAfter', 'deadAfter', 'deadBefore', 'unresponsiveAfter'] as const;

/** What has to be below what: all pairs, not only neighbours, so that two are named that somebody asked for. */
const ORDER: ReadonlyArray<
  [upper: (typeof BOUNDS)[number], relation: 'above' | 'at least', lower: keyof DetectorOptions]
> = [
  ['suspectAfter', 'above', 'interval'],
  ['deadAfter', 'above', 'interval'],
  ['deadBefore', 'above', 'interval'],
  ['unresponsiveAfter', 'above', 'interval'],
  ['deadAfter', 'above', 'suspectAfter'],
  ['deadBefore', 'above', 'suspectAfter'],
  ['unresponsiveAfter', 'above', 'suspectAfter'],
  ['deadBefore', 'at least', 'deadAfter'],
  ['unresponsiveAfter', 'at least', 'deadAfter'],
];

/**
 * Checks what was asked for and fills in the rest from the preset. Where a bound that was asked for leaves no
 * room for one that was not, the latter gives way; two that were asked for and contradict each other throw.
 *
 * @throws TypeError that names the option, its value and what is allowed
 */
export function resolveDetectorOptions(input: DetectorInput = {}): DetectorOptions {
  const { preset = 'balanced' } = input;

  if (!Object.hasOwn(PRESET_INTERVALS, preset)) {
    const known = Object.keys(PRESET_INTERVALS).join(', ');

    throw new TypeError(`preset must be one of ${known}, not ${String(preset)}`);
  }

  const interval = input.interval ?? PRESET_INTERVALS[preset];

  checkRange('interval', interval, INTERVAL.min, INTERVAL.max);

  const options = presetOptions(preset, interval);

  for (const name of BOUNDS) {
    const asked = input[name];

    if (asked !== undefined) {
      checkRange(name, asked, INTERVAL.min, LONGEST_BOUND);
      options[name] = asked;
    }
  }

  refuseContradictions({ ...input, interval });
  makeRoom(options, input, presetOptions(preset, interval));

  return options;
}

/**
 * The silence after which a peer is suspect however poor its link is: as long before its death as the bounds for
 * good links are apart.
 */
export function suspectBefore({
  suspectAfter,
  deadAfter,
  deadBefore,
  unresponsiveAfter,
}: DetectorOptions): number {
  return Math.min(deadBefore, unresponsiveAfter) - (deadAfter - suspectAfter);
}

/** Looks at what was asked for, and not at what would be made of it: the message names what its reader knows. */
function refuseContradictions(asked: DetectorInput): void {
  for (const [upper, relation, lower] of ORDER) {
    const high = asked[upper] ?? Number.POSITIVE_INFINITY;
    const low = asked[lower] ?? Number.NEGATIVE_INFINITY;

    if (relation === 'above' ? low >= high : low > high) {
      throw new TypeError(`${upper} (${high}) must be ${relation} ${lower} (${low})`);
    }
  }
}

/**
 * Moves the bounds that nobody asked for out of the way of those that somebody did. The last ones keep their distance
 * from a later `deadAfter`: closer to it they would end the patience with poor links, and with hung pages.
 */
function makeRoom(options: DetectorOptions, input: DetectorInput, preset: DetectorOptions): void {
  const { interval } = options;

  if (input.deadAfter === undefined) {
    const most = Math.min(
      input.deadBefore ?? Number.POSITIVE_INFINITY,
      input.unresponsiveAfter ?? Number.POSITIVE_INFINITY,
    );
    const least = options.suspectAfter < options.deadAfter ? 0 : options.suspectAfter + interval;

    options.deadAfter = Math.min(most, Math.max(least, options.deadAfter));
  }

  if (input.suspectAfter === undefined && options.suspectAfter >= options.deadAfter) {
    options.suspectAfter = (interval + options.deadAfter) / 2;
  }

  const later = Math.max(0, options.deadAfter - preset.deadAfter);

  for (const name of ['deadBefore', 'unresponsiveAfter'] as const) {
    options[name] += input[name] === undefined ? later : 0;
  }
}

function checkRange(name: string, value: unknown, least: number, most: number): asserts value is number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`${name} must be a number of ms from ${least} to ${most}, not ${String(value)}`);
  }
}
