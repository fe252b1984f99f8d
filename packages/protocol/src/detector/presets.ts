import type { DetectorOptions } from './FailureDetector.ts';

/**
 * Ready-made bounds, with measured figures in docs/detector.md:
 * - `balanced`: suspect in about 1.2 s, dead in about 4.9 s, survives every outage of up to 4 s;
 * - `fast`: dead within 2.5 s at round trips of up to 150 ms and 5 % loss, for games and remote control; survives outages
 *   of up to about 0.5 s only, and takes the first bursts of loss for them;
 * - `patient`: a third of the pings, not dead in a tunnel of 40 s, for mobile.
 */
export type DetectorPreset = 'balanced' | 'fast' | 'patient';

/** The interval of a preset, in ms, where none is asked for. */
export const PRESET_INTERVALS: Readonly<Record<DetectorPreset, number>> = {
  balanced: 1000,
  fast: 1000,
  patient: 3000,
};

/** What the bounds of each preset add to the interval, in ms. */
const ADDED: Readonly<
  Record<DetectorPreset, readonly [suspect: number, dead: number, latest: number, unresponsive: number]>
> = {
  balanced: [600, 4250, 23_850, 60_000],
  fast: [150, 400, 9000, 15_000],
  patient: [2000, 42_000, 87_000, 120_000],
};

/**
 * The bounds of a preset at an interval. Silence counts from the last answer, which may be an interval old when an outage begins. So
 * an outage of 4 s is a silence of up to 4 s and an interval. `deadAfter` adds a little for an outage that begins right after a lost
 * ping. A link that loses a fifth in bursts of 1.5 s is silent for `deadAtLatest` less than once in 1,000 hours.
 */
export function presetOptions(preset: DetectorPreset, interval: number): DetectorOptions {
  const [suspect, dead, latest, unresponsive] = ADDED[preset];

  return {
    interval,
    suspectAfter: interval + suspect,
    deadAfter: interval + dead,
    deadAtLatest: interval + latest,
    unresponsiveAfter: interval + unresponsive,
  };
}
