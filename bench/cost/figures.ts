import type { PageFigures } from '../page/pageFigures.ts';
import type { Closing, Directions, Loss, Mode, Pace, Summary, Window, Wire } from './messages.ts';
import type { CodecFigures } from './micro.ts';
import type { SimulatedFigures } from './simulate.ts';
import { median, quantile, sum } from './statistics.ts';

/** What servers with so many real peers each have measured, side by side. */
export type FleetFigures = { peers: number; windows: Window[]; ours: Summary; raw: Summary };

/** What a server with so many real peers has measured while no other one ran, and one with as many raw channels. */
export type GrowthFigures = {
  peers: number;
  windows: Window[];
  pace: Pace;
  ours: Summary;
  raw: Summary;
  closing: { ours: Closing; raw: Closing };
};

/** What servers whose peers are behind a relay have measured. */
export type PathFigures = { peers: number; wire: Wire; loss: Directions<Loss> };

/** What `npm run bench:first-media` prints of one of its figures: medians in ms, and their ratio with its 95 % interval. */
export type FirstMedia = {
  with: { median: number };
  without: { median: number };
  ratio: { value: number; lowest: number; highest: number };
};

/** Everything that the bench has measured. */
export type Figures = {
  machine: {
    date: string;
    commit: string;
    node: string;
    cpu: string;
    cores: number;
    /** Over the minute before the bench began. */
    load: number;
    /** How long the bench ran, in minutes. */
    minutes: number;
  };
  fleets: FleetFigures[];
  growth: GrowthFigures[];
  paths: PathFigures[];
  simulated: SimulatedFigures[];
  codecs: Record<string, CodecFigures>;
  /** In bytes, by type. */
  frames: Record<string, number>;
  /** By the server's core per ping, in bytes. */
  allocated: number;
  /** In ns. */
  detectorStep: number;
  /** `undefined`: only the full run measures it. */
  firstMedia: Record<string, FirstMedia> | undefined;
  page: PageFigures;
};

/** A median, and the lowest and the highest value. */
export type Spread = { median: number; least: number; most: number };

/** A figure of the table of targets. */
export type Row = {
  figure: string;
  /** `undefined`: only the full run measures it. */
  value: number | undefined;
  /** At most that. Left out: the row stands beside others. */
  target?: number;
  /** The lower end of the value's 95 % interval, if one is known. If it is at most the target, the target is met within the noise. */
  lowest?: number;
  unit: string;
};

/** CPU time per check in µs, of Node or of the worker. */
export function perCheck(windows: readonly Window[], mode: Mode, of: 'cpu' | 'workerCpu' = 'cpu'): Spread {
  const values = windows
    .filter(window => window.mode === mode)
    .map(window => (window[of] * 1000) / window.checks);

  return { median: median(values), least: quantile(values, 0), most: quantile(values, 1) };
}

/** CPU time of Node for one more peer with a heartbeat, in ms, without the checks of those that have joined already. */
export function attachCpu({ windows, ours }: { windows: readonly Window[]; ours: Summary }): number {
  return ours.attachCpu - (ours.attachChecks * perCheck(windows, 'ours').median) / 1000;
}

/** UDP payload in bytes per second of each peer, both directions, by the worker's counters. */
export function bytesPerSecond({ windows, peers }: FleetFigures, mode: Mode): number {
  return median(
    windows
      .filter(window => window.mode === mode)
      .map(({ bytes, duration }) => bytes / (duration / 1000) / peers),
  );
}

/** How far off RTTs are, without their sign. In ms. */
export function rttError({ rttErrors }: Summary, share: number): number {
  return quantile(rttErrors.map(Math.abs), share);
}

/** Heap and array buffers, or resident memory, that a heartbeat takes beyond a raw channel, in bytes. */
export function beyondRaw(
  { ours, raw }: { ours: Summary; raw: Summary },
  of: 'heap' | 'rss' = 'heap',
): number {
  return ours[of] - raw[of];
}

/** The 95 % interval of a measured loss if the injected one is what happens, as chance has it. */
export function lossInterval({ injected, pings }: Loss): [least: number, most: number] {
  const half = 1.96 * Math.sqrt((injected * (1 - injected)) / pings);

  return [Math.max(0, injected - half), injected + half];
}

/** All bytes, or packets, of both directions. */
export function bothWays({ uplink, downlink }: Wire, of: 'bytes' | 'packets'): number {
  return sum([uplink[of], downlink[of]]);
}
