import { pageSection } from '../page/pageFigures.ts';
import {
  attachCpu,
  beyondRaw,
  bothWays,
  bytesPerSecond,
  type Figures,
  type FleetFigures,
  type GrowthFigures,
  lossInterval,
  type PathFigures,
  perCheck,
  type Row,
  rttError,
} from './figures.ts';
import type { Mode, Pace, Quantiles } from './messages.ts';
import { rows } from './rows.ts';
import type { SimulatedFigures } from './simulate.ts';

/** In the order in which the report has them. */
const MODES: readonly Mode[] = [
  'floor, evenly',
  'floor, in slots',
  'ours',
  'getStats(), evenly',
  'getStats(), in slots',
  'ws',
  'socket.io',
];

/** A row of the targets with its verdict. */
export type Target = Row & {
  verdict: 'met' | 'met within the noise' | 'missed' | 'full run only' | 'beside';
};

/** The report in Markdown, which also reads well in a terminal. */
export function report(figures: Figures): string {
  const { machine, fleets, growth, paths, simulated, firstMedia, page } = figures;

  return [
    `${machine.date}, commit ${machine.commit}, Node ${machine.node}, ${machine.cores} × ${machine.cpu}. Load before the run: ${machine.load.toFixed(1)}. ` +
      `The run took ${machine.minutes.toFixed(1)} minutes.`,
    '',
    '## Targets',
    '',
    table(['figure', 'value', 'target', ''], targets(rows(figures)).map(targetCells)),
    '',
    ...fleets.flatMap(fleetSection),
    ...(growth.length > 0 ? growthSection(growth) : []),
    ...accuracySection(figures),
    ...wireSection(figures.frames, paths),
    ...simulatedSection(simulated),
    ...microSection(figures),
    ...(firstMedia === undefined ? [] : firstMediaSection(firstMedia)),
    '## Page',
    '',
    pageSection(page),
  ].join('\n');
}

/** Says of each row whether its target is met. */
export function targets(all: readonly Row[]): Target[] {
  return all.map(row => ({ ...row, verdict: verdictOf(row) }));
}

function verdictOf({ value, target, lowest }: Row): Target['verdict'] {
  if (value === undefined) {
    return 'full run only';
  } else if (target === undefined) {
    return 'beside';
  } else if (value <= target) {
    return 'met';
  } else {
    return lowest !== undefined && lowest <= target ? 'met within the noise' : 'missed';
  }
}

function targetCells({ figure, value, target, unit, verdict }: Target): string[] {
  return [
    figure,
    value === undefined ? '–' : `${value.toFixed(unit === 'B' ? 0 : 2)} ${unit}`,
    target === undefined ? '' : `≤ ${target} ${unit}`,
    verdict === 'beside' ? '' : verdict,
  ];
}

function fleetSection(fleet: FleetFigures): string[] {
  const { peers, windows, ours, raw } = fleet;
  const measured = MODES.filter(mode => windows.some(window => window.mode === mode));

  return [
    `## ${peers} real peers, one check a second each`,
    '',
    table(
      ['', 'Node CPU per check', 'least–most', 'worker CPU', 'UDP bytes per second and peer'],
      measured.map(mode => {
        const { median, least, most } = perCheck(windows, mode);
        const isOnUdp = mode === 'ours' || mode.startsWith('floor');

        return [
          mode,
          us(median),
          `${least.toFixed(0)}–${us(most)}`,
          mode === 'socket.io' || mode === 'ws' ? '–' : us(perCheck(windows, mode, 'workerCpu').median),
          isOnUdp ? bytesPerSecond(fleet, mode).toFixed(0) : '–',
        ];
      }),
    ),
    '',
    `RTT error: median ${ms(rttError(ours, 0.5))}, p95 ${ms(rttError(ours, 0.95))}. ` +
      `Heap and array buffers of a peer: ${kB(ours.heap)} with a heartbeat, ${kB(raw.heap)} with a raw channel. ` +
      `CPU of its joining: ${ms(attachCpu(fleet))}, ${ms(raw.attachCpu)}.`,
    '',
  ];
}

function growthSection(growth: readonly GrowthFigures[]): string[] {
  return [
    '## Growth with real peers, one server at a time',
    '',
    table(
      ['peers', 'Node CPU per check', 'least–most', 'worker CPU', 'heap', 'beyond raw', 'RSS', 'beyond raw'],
      growth.map(of => {
        const { median, least, most } = perCheck(of.windows, 'ours');

        return [
          of.peers.toLocaleString('en'),
          us(median),
          `${least.toFixed(0)}–${us(most)}`,
          us(perCheck(of.windows, 'ours', 'workerCpu').median),
          ...(of.peers < SENSIBLE
            ? ['–', '–', '–', '–']
            : [kB(of.ours.heap), kB(beyondRaw(of)), kB(of.ours.rss), kB(beyondRaw(of, 'rss'))]),
        ];
      }),
    ),
    '',
    'Heap (with array buffers) and RSS are those of one more peer with its transport.',
    '',
    table(
      ['peers', 'attach: CPU', 'raw', 'attach: time', 'raw', 'close: CPU', 'raw', 'close: all', 'raw'],
      growth.map(({ peers, windows, ours, raw, closing }) => [
        peers.toLocaleString('en'),
        ...(peers < SENSIBLE ? ['–', '–'] : [ms(attachCpu({ windows, ours })), ms(raw.attachCpu)]),
        ms(ours.attachTime),
        ms(raw.attachTime),
        ms(closing.ours.cpu),
        ms(closing.raw.cpu),
        ms(closing.ours.duration),
        ms(closing.raw.duration),
      ]),
    ),
    '',
    'The CPU of attaching is the CPU of joining, with the transport and its connection. The times are medians of `attachHeartbeat()` and of opening a raw channel.',
    '',
    paceTable(growth.map(({ peers, pace }) => [peers, pace])),
    '',
  ];
}

/** With fewer peers, what one more of them takes is noise. */
const SENSIBLE = 10;

function paceTable(paces: readonly (readonly [heartbeats: number, pace: Pace])[]): string {
  return table(
    ['heartbeats', 'ping interval off by: p50', 'p99', 'most', 'event-loop delay: p50', 'p99', 'most'],
    paces.map(([heartbeats, { timers, loopDelay }]) => [
      heartbeats.toLocaleString('en'),
      ...quantileCells(timers),
      ...quantileCells(loopDelay),
    ]),
  );
}

function quantileCells({ p50, p99, max }: Quantiles): string[] {
  return [ms(p50), ms(p99), ms(max)];
}

function accuracySection({ growth, fleets, paths }: Figures): string[] {
  const errors = [
    ...fleets.map(of => ({ ...of, how: 'beside the others' })),
    ...growth.map(of => ({ ...of, how: 'alone' })),
  ];

  return [
    '## Accuracy',
    '',
    table(
      ['peers', 'server', 'RTT error: median', 'p95', 'most', 'raw, evenly: median', 'p95', 'most'],
      errors.map(({ peers, how, ours, raw }) => [
        peers.toLocaleString('en'),
        how,
        ...[ours, raw].flatMap(of => [0.5, 0.95, 1].map(share => ms(rttError(of, share)))),
      ]),
    ),
    '',
    'What raw channels have is the path, the peers and the machine: ours can only add to it.',
    '',
    table(
      ['peers', 'direction', 'loss injected', 'measured', 'pings', '95 % by chance alone'],
      paths.flatMap(({ peers, loss }) =>
        (['downlink', 'uplink'] as const).map(direction => {
          const of = loss[direction];
          const [least, most] = lossInterval(of);

          return [
            peers.toLocaleString('en'),
            direction,
            percent(of.injected),
            percent(of.measured),
            of.pings.toFixed(0),
            `${percent(least)}–${percent(most)}`,
          ];
        }),
      ),
    ),
    '',
  ];
}

function wireSection(frames: Readonly<Record<string, number>>, paths: readonly PathFigures[]): string[] {
  return [
    '## Wire',
    '',
    `Bytes of a frame: ${Object.entries(frames)
      .map(([type, bytes]) => `${type} ${bytes}`)
      .join(', ')}.`,
    '',
    table(
      ['peers', 'bytes per second and peer', 'down', 'up', 'packets per second and peer'],
      paths.map(({ peers, wire }) => [
        peers.toLocaleString('en'),
        bothWays(wire, 'bytes').toFixed(0),
        wire.downlink.bytes.toFixed(0),
        wire.uplink.bytes.toFixed(0),
        bothWays(wire, 'packets').toFixed(1),
      ]),
    ),
    '',
    'UDP payload, counted by a relay on the path. It includes SCTP acknowledgements, DTLS, and the checks of ICE.',
    '',
  ];
}

function simulatedSection(simulated: readonly SimulatedFigures[]): string[] {
  return [
    '## Simulated transport',
    '',
    table(
      ['heartbeats', 'heap of each', 'RSS of each', 'CPU per check', 'attach', 'close'],
      simulated.map(of => [
        of.heartbeats.toLocaleString('en'),
        kB(of.memory),
        kB(of.rss),
        us(of.cpu, 1),
        us(of.attachCpu, 1),
        us(of.closeCpu, 1),
      ]),
    ),
    '',
    'The same number on the real clock, with the timers of a server:',
    '',
    paceTable(simulated.map(({ heartbeats, pace }) => [heartbeats, pace])),
    '',
  ];
}

function microSection({ codecs, detectorStep, allocated }: Figures): string[] {
  return [
    '## Micro',
    '',
    table(
      ['a ping as', 'bytes', 'encode', 'decode'],
      Object.entries(codecs).map(([name, { bytes, encode, decode }]) => [
        name,
        String(bytes),
        `${encode.toFixed(0)} ns`,
        `${decode.toFixed(0)} ns`,
      ]),
    ),
    '',
    `The detector takes ${detectorStep.toFixed(0)} ns for an answer. Only our codec checks what it reads. ` +
      `The core allocates ${allocated.toFixed(0)} bytes per ping.`,
    '',
  ];
}

function firstMediaSection(firstMedia: NonNullable<Figures['firstMedia']>): string[] {
  return [
    '## First media',
    '',
    table(
      ['median', 'with', 'without', 'ratio', '95 % interval'],
      Object.entries(firstMedia).map(([name, { with: ours, without, ratio }]) => [
        name,
        ms(ours.median),
        ms(without.median),
        `${ratio.value.toFixed(2)} ×`,
        `${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)} ×`,
      ]),
    ),
    '',
  ];
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map(row => row[column]?.length ?? 0), 3),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;

  return [line(head), line(widths.map(width => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function kB(bytes: number): string {
  return show(bytes / 1000, 1, 'kB');
}

function ms(time: number): string {
  return show(time, time < 100 ? 2 : 0, 'ms');
}

function us(time: number, digits = 0): string {
  return show(time, digits, 'µs');
}

function percent(share: number): string {
  return show(share * 100, 2, '%');
}

/** A dash for what could not be measured. JSON makes `null` of it. */
function show(value: number, digits: number, unit: string): string {
  return Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : '–';
}
