import type { DetectorOptions } from './Detector.ts';
import { type DetectorPreset, PRESET_INTERVALS, presetOptions } from './presets.ts';

/** What may be said about detection; all of it may be left out. Times in ms. */
export type DetectorInput = {
  /** Bounds with measured figures. Default `balanced`. */
  preset?: DetectorPreset | undefined;
} & { [Name in keyof DetectorOptions]?: number | undefined };

/** Allowed values of `interval`, and the longest bound, in ms. */
const SHORTEST_INTERVAL = 100;
const LONGEST_INTERVAL = 15_000;
const LONGEST_BOUND = 3_600_000;

/** Bounds in the order in which they have to be: each at least the one before. */
const PAIRS: ReadonlyArray<[lower: keyof DetectorOptions, upper: keyof DetectorOptions]> = [
  ['interval', 'suspectAfter'],
  ['suspectAfter', 'deadAfter'],
  ['deadAfter', 'deadBefore'],
  ['deadAfter', 'unresponsiveAfter'],
];

/**
 * Checks what was asked for and fills in the rest from the preset. Where a bound that was asked for leaves no
 * room for one that was not, the latter gives way; two that were asked for and contradict each other throw.
 *
 * @throws TypeError that names the option, its value and what is allowed
 */
export function resolveDetectorOptions(input: DetectorInput = {}): DetectorOptions {
  const preset = input.preset ?? 'balanced';

  if (!Object.hasOwn(PRESET_INTERVALS, preset)) {
    const known = Object.keys(PRESET_INTERVALS).join(', ');

    throw new TypeError(`preset must be one of ${known}, not ${String(preset)}`);
  }

  const interval = input.interval ?? PRESET_INTERVALS[preset];

  checkRange('interval', interval, SHORTEST_INTERVAL, LONGEST_INTERVAL);

  const options = presetOptions(preset, interval);

  for (const [, name] of PAIRS) {
    const asked = input[name];

    if (asked !== undefined) {
      checkRange(name, asked, SHORTEST_INTERVAL, LONGEST_BOUND);
      options[name] = asked;
    }
  }

  makeRoom(options, input);

  for (const [lower, upper] of PAIRS) {
    const strict = lower === 'interval' || lower === 'suspectAfter';

    if (strict ? options[lower] >= options[upper] : options[lower] > options[upper]) {
      throw new TypeError(
        `${upper} (${options[upper]}) must be ${strict ? 'above' : 'at least'} ${lower} (${options[lower]})`,
      );
    }
  }

  return options;
}

/** Moves the bounds that nobody asked for out of the way of those that somebody did. */
function makeRoom(options: DetectorOptions, input: DetectorInput): void {
  const { interval } = options;

  if (input.deadAfter === undefined) {
    const most = Math.min(input.deadBefore ?? LONGEST_BOUND, input.unresponsiveAfter ?? LONGEST_BOUND);
    const least = options.suspectAfter < options.deadAfter ? 0 : options.suspectAfter + interval;

    options.deadAfter = Math.min(most, Math.max(least, options.deadAfter));
  }

  if (input.suspectAfter === undefined && options.suspectAfter >= options.deadAfter) {
    options.suspectAfter = (interval + options.deadAfter) / 2;
  }

  if (input.deadBefore === undefined) {
    options.deadBefore = Math.max(options.deadBefore, options.deadAfter);
  }

  if (input.unresponsiveAfter === undefined) {
    options.unresponsiveAfter = Math.max(options.unresponsiveAfter, options.deadAfter);
  }
}

function checkRange(name: string, value: unknown, least: number, most: number): asserts value is number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`${name} must be a number of ms from ${least} to ${most}, not ${String(value)}`);
  }
}
