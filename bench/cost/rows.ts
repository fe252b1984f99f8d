import {
  attachCpu,
  beyondRaw,
  type Figures,
  type FleetFigures,
  perCheck,
  type Row,
  rttError,
} from './figures.ts';
import type { Mode } from './messages.ts';
import { FULL, QUICK } from './plan.ts';
import type { SimulatedFigures } from './simulate.ts';

/** By how much a figure may grow with the number of heartbeats. */
const GROWTH = 1.15;

/** All figures that have a target, and those that stand beside them. */
export function rows(figures: Figures): Row[] {
  const { allocated, fleets, firstMedia, page } = figures;
  const peers = [...new Set([...fleets.map(fleet => fleet.peers), ...FULL.peers])];
  const received = firstMedia?.['first frame received']?.ratio;

  return [
    ...peers.flatMap(count =>
      fleetRows(
        count,
        fleets.find(fleet => fleet.peers === count),
      ),
    ),
    ...growthRows(figures),
    {
      figure: 'bytes allocated per ping by the core, nobody listening',
      value: allocated,
      target: 300,
      unit: 'B',
    },
    { figure: 'client half, gzip, by esbuild', value: page.esbuild.gzip / 1000, target: 15, unit: 'kB' },
    { figure: 'client half, gzip, by Vite', value: page.vite.gzip / 1000, target: 15, unit: 'kB' },
    { figure: 'its codec, gzip', value: page.codec.gzip / 1000, target: 1.5, unit: 'kB' },
    {
      figure: 'first received frame relative to no heartbeat',
      value: received?.value,
      target: 1,
      ...(received === undefined ? {} : { lowest: received.lowest }),
      unit: '×',
    },
  ];
}

function fleetRows(peers: number, fleet: FleetFigures | undefined): Row[] {
  const cpu = (mode: Mode, of?: 'cpu' | 'workerCpu') =>
    fleet === undefined ? Number.NaN : perCheck(fleet.windows, mode, of).median;
  const row = (
    figure: string,
    target: number | undefined,
    unit: string,
    value: (of: FleetFigures) => number,
  ) => ({
    figure: `${figure}, ${peers} peers`,
    value: fleet && value(fleet),
    ...(target === undefined ? {} : { target }),
    unit,
  });

  return [
    row(
      'Node CPU per check relative to getStats() evenly',
      peers < 500 ? 0.8 : 1,
      '×',
      () => cpu('ours') / cpu('getStats(), evenly'),
    ),
    row(
      'beside it: relative to getStats() in the same slots',
      undefined,
      '×',
      () => cpu('ours') / cpu('getStats(), in slots'),
    ),
    row(
      'Node CPU per check relative to the floor evenly',
      0.6,
      '×',
      () => cpu('ours') / cpu('floor, evenly'),
    ),
    row(
      'beside it: relative to the floor in slots',
      undefined,
      '×',
      () => cpu('ours') / cpu('floor, in slots'),
    ),
    row(
      'worker CPU per check relative to the floor evenly',
      0.8,
      '×',
      () => cpu('ours', 'workerCpu') / cpu('floor, evenly', 'workerCpu'),
    ),
    row('heap and array buffers per heartbeat beyond raw channels', 5, 'kB', of => beyondRaw(of) / 1000),
    row('RTT error p95', peers < 500 ? 1 : 2, 'ms', ({ ours }) => rttError(ours, 0.95)),
    row('beside it: of raw channels, evenly', undefined, 'ms', ({ raw }) => rttError(raw, 0.95)),
    row('CPU of attaching relative to raw channels', 1.1, '×', of => attachCpu(of) / of.raw.attachCpu),
  ];
}

function growthRows({ growth, simulated }: Figures): Row[] {
  const [fewest, most] = [100, 1000];
  const few = growth.find(({ peers }) => peers === fewest);
  const many = growth.find(({ peers }) => peers === most);
  const real = (what: string, pick: (of: NonNullable<typeof few>) => number) => ({
    figure: `${what}, ${show(most)} relative to ${show(fewest)} real`,
    value: few && many && pick(many) / pick(few),
    target: GROWTH,
    unit: '×',
  });

  return [
    real('CPU per check', ({ windows }) => perCheck(windows, 'ours').median),
    real('heap per heartbeat', growthOf => beyondRaw(growthOf)),
    ...[...new Set([...QUICK.simulated, ...FULL.simulated])]
      .slice(1)
      .flatMap(count => simulatedRows(simulated, count)),
  ];
}

function simulatedRows(simulated: readonly SimulatedFigures[], heartbeats: number): Row[] {
  const [few] = simulated;
  const many = simulated.find(of => of.heartbeats === heartbeats);
  const row = (what: string, pick: (of: SimulatedFigures) => number) => ({
    figure: `${what}, ${show(heartbeats)} relative to ${show(FULL.simulated[0] ?? 0)} simulated`,
    value: few && many && pick(many) / pick(few),
    target: GROWTH,
    unit: '×',
  });

  return [row('CPU per check', ({ cpu }) => cpu), row('heap per heartbeat', ({ memory }) => memory)];
}

function show(count: number): string {
  return count.toLocaleString('en');
}
