import { INTERVAL } from '../constants.ts';
import { milliseconds, type OptionTable, type OptionValues, option, optionValues } from '../options.ts';
import type { DetectorOptions } from './FailureDetector.ts';
import { type DetectorPreset, PRESET_INTERVALS, presetOptions } from './presets.ts';

/** What may be said about detection; all of it may be left out. Times in ms. */
export type DetectorInput = {
  /** Bounds with measured figures. Default `balanced`. */
  preset?: DetectorPreset | undefined;
  /** @deprecated The old name of `deadAtLatest`. */
  deadBefore?: number | undefined;
} & { [Name in keyof DetectorOptions]?: number | undefined };

const PRESETS: readonly unknown[] = Object.keys(PRESET_INTERVALS);
const BOUND = milliseconds(undefined, INTERVAL.min, 3_600_000);

/** The options of detection. Those without a default have the preset's. */
export const DETECTOR_OPTIONS = {
  preset: option<DetectorPreset>('balanced', `one of ${PRESETS.join(', ')}`, value =>
    PRESETS.includes(value),
  ),
  interval: milliseconds(undefined, INTERVAL.min, INTERVAL.max),
  suspectAfter: BOUND,
  deadAfter: BOUND,
  deadAtLatest: BOUND,
  deadBefore: { ...BOUND, isDeprecated: true },
  unresponsiveAfter: BOUND,
} satisfies OptionTable<DetectorInput>;

/** What may be asked for besides the interval, from the lowest on. The last two have no order among each other. */
const BOUNDS = ['suspectAfter', 'deadAfter', 'deadAtLatest', 'unresponsiveAfter'] as const;

/**
 * Checks what was asked for and fills in the rest from the preset. Where a bound that was asked for leaves no
 * room for one that was not, the latter gives way; two that were asked for and contradict each other throw.
 *
 * @throws TypeError that names the option, its value and what is allowed
 */
export function resolveDetectorOptions(given: DetectorInput = {}): DetectorOptions {
  const { preset, ...input } = withNewName(optionValues(DETECTOR_OPTIONS, given));
  const { interval = PRESET_INTERVALS[preset] } = input;
  const options = presetOptions(preset, interval);

  for (const name of BOUNDS) {
    options[name] = input[name] ?? options[name];
  }

  refuseContradictions({ ...input, interval });
  makeRoom(options, input, presetOptions(preset, interval));

  return options;
}

/** Takes `deadBefore` for what it is called now. */
function withNewName({ deadBefore, ...input }: OptionValues<typeof DETECTOR_OPTIONS>) {
  const { deadAtLatest = deadBefore } = input;

  if (deadBefore !== undefined && input.deadAtLatest !== undefined) {
    throw new TypeError(
      `deadBefore (${deadBefore}) is the old name of deadAtLatest (${input.deadAtLatest}). Give deadAtLatest only.`,
    );
  }

  return { ...input, deadAtLatest };
}

/**
 * Each bound has to be above the interval and above those before it, and the last two at least `deadAfter`. All pairs are compared, not
 * only neighbours, so that two are named that somebody asked for. What would be made of them is not looked at: the message names what
 * its reader knows.
 */
function refuseContradictions(asked: DetectorInput): void {
  for (const [index, lower] of (['interval', 'suspectAfter', 'deadAfter'] as const).entries()) {
    for (const upper of BOUNDS.slice(index)) {
      const mayBeEqual = lower === 'deadAfter';
      const high = asked[upper] ?? Number.POSITIVE_INFINITY;
      const low = asked[lower] ?? Number.NEGATIVE_INFINITY;

      if (low > high || (low === high && !mayBeEqual)) {
        const relation = mayBeEqual ? 'at least' : 'above';

        throw new TypeError(`${upper} (${high}) must be ${relation} ${lower} (${low})`);
      }
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
      input.deadAtLatest ?? Number.POSITIVE_INFINITY,
      input.unresponsiveAfter ?? Number.POSITIVE_INFINITY,
    );
    const least = options.suspectAfter < options.deadAfter ? 0 : options.suspectAfter + interval;

    options.deadAfter = Math.min(most, Math.max(least, options.deadAfter));
  }

  if (input.suspectAfter === undefined && options.suspectAfter >= options.deadAfter) {
    options.suspectAfter = (interval + options.deadAfter) / 2;
  }

  const later = Math.max(0, options.deadAfter - preset.deadAfter);

  for (const name of ['deadAtLatest', 'unresponsiveAfter'] as const) {
    options[name] += input[name] === undefined ? later : 0;
  }
}
