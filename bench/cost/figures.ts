import type { Mode, Summary, Window } from './messages.ts';
import type { CodecFigures } from './micro.ts';

/** What servers with so many real peers each have measured. */
export type FleetFigures = { peers: number; windows: Window[]; ours: Summary; raw: Summary };

/** What each of so many heartbeats takes on a simulated transport: bytes, µs per check, bytes per ping. */
export type SimulatedFigures = { heartbeats: number; memory: number; cpu: number; allocated: number };

/** Everything that the bench has measured. */
export type Figures = {
  machine: { date: string; node: string; cpu: string; cores: number; load: number };
  fleets: FleetFigures[];
  simulated: SimulatedFigures[];
  codecs: Record<string, CodecFigures>;
  /** In ns. */
  detectorStep: number;
  /** In bytes. */
  page: { minified: number; gzip: number; brotli: number; codec: number };
};

/** A median, and the lowest and the highest value. */
export type Spread = { median: number; least: number; most: number };

/** A figure that has a target: at most that. `undefined`: only the full run measures it. */
export type Row = { figure: string; value: number | undefined; target: number; unit: string };

/** The numbers of real peers that the full run has, and those of the simulated ones. */
export const FULL = { peers: [200, 500], simulated: [1000, 10_000, 100_000] };
export const QUICK = { peers: [100], simulated: [1000, 10_000] };

/** CPU time per check in µs, of Node or of the worker. */
export function perCheck(windows: readonly Window[], mode: Mode, of: 'cpu' | 'workerCpu' = 'cpu'): Spread {
  const values = windows
    .filter(window => window.mode === mode)
    .map(window => (window[of] * 1000) / window.checks)
    .sort((a, b) => a - b);

  return {
    median: quantile(values, 0.5),
    least: values[0] ?? Number.NaN,
    most: values.at(-1) ?? Number.NaN,
  };
}

/** UDP payload in bytes per second of each peer, both directions. */
export function bytesPerSecond({ windows, peers }: FleetFigures, mode: Mode): number {
  return quantile(
    windows
      .filter(window => window.mode === mode)
      .map(({ bytes, duration }) => bytes / (duration / 1000) / peers)
      .sort((a, b) => a - b),
    0.5,
  );
}

/** How far off RTTs are, without their sign. In ms. */
export function rttError({ ours }: FleetFigures, share: number): number {
  return quantile(
    ours.rttErrors.map(Math.abs).sort((a, b) => a - b),
    share,
  );
}

/** All figures that have a target. */
export function rows(figures: Figures): Row[] {
  const { simulated, page } = figures;
  const peers = [...new Set([...figures.fleets.map(fleet => fleet.peers), ...FULL.peers])];
  const growth = (pick: (of: SimulatedFigures) => number) => {
    const [least, most] = [simulated.at(0), simulated.at(-1)];

    return least !== undefined && most !== undefined ? pick(most) / pick(least) : undefined;
  };

  return [
    ...peers.flatMap(count =>
      fleetRows(
        count,
        figures.fleets.find(fleet => fleet.peers === count),
      ),
    ),
    {
      figure: 'allocated per ping by the core, nobody listening',
      value: simulated[0]?.allocated,
      target: 300,
      unit: 'B',
    },
    {
      figure: `memory of a heartbeat, ${simulated.at(-1)?.heartbeats} relative to ${simulated[0]?.heartbeats} simulated`,
      value: growth(({ memory }) => memory),
      target: 1.15,
      unit: '×',
    },
    {
      figure: `CPU of a check, ${simulated.at(-1)?.heartbeats} relative to ${simulated[0]?.heartbeats} simulated`,
      value: growth(({ cpu }) => cpu),
      target: 1.15,
      unit: '×',
    },
    { figure: 'client half, gzip', value: page.gzip / 1000, target: 15, unit: 'kB' },
    { figure: 'its codec, gzip', value: page.codec / 1000, target: 1.5, unit: 'kB' },
  ];
}

function fleetRows(peers: number, fleet: FleetFigures | undefined): Row[] {
  const cpu = (mode: Mode, of?: 'cpu' | 'workerCpu') =>
    fleet === undefined ? Number.NaN : perCheck(fleet.windows, mode, of).median;
  const row = (figure: string, target: number, unit: string, value: () => number) => ({
    figure: `${figure}, ${peers} peers`,
    value: fleet === undefined ? undefined : value(),
    target,
    unit,
  });
  const beyondRaw = (of: 'heap' | 'attachCpu') => [fleet?.ours[of] ?? 0, fleet?.raw[of] ?? 0] as const;

  return [
    row(
      'Node CPU relative to getStats() evenly',
      peers < 500 ? 0.8 : 1,
      '×',
      () => cpu('ours') / cpu('getStats(), evenly'),
    ),
    row('Node CPU relative to the floor evenly', 0.6, '×', () => cpu('ours') / cpu('floor, evenly')),
    row(
      'worker CPU relative to the floor evenly',
      0.8,
      '×',
      () => cpu('ours', 'workerCpu') / cpu('floor, evenly', 'workerCpu'),
    ),
    row('heap and array buffers beyond raw channels', 5, 'kB', () => {
      const [ours, raw] = beyondRaw('heap');

      return (ours - raw) / 1000;
    }),
    row('CPU of attaching relative to raw channels', 1.1, '×', () => {
      const [ours, raw] = beyondRaw('attachCpu');

      return ours / raw;
    }),
    row('RTT error p95', peers < 500 ? 1 : 2, 'ms', () => rttError(fleet as FleetFigures, 0.95)),
  ];
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
