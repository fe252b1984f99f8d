import {
  bytesPerSecond,
  type Figures,
  type FleetFigures,
  perCheck,
  type Row,
  rows,
  rttError,
} from './figures.ts';
import type { Mode } from './messages.ts';

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

/** The report in Markdown, which also reads well in a terminal. */
export function report(figures: Figures): string {
  const { machine, fleets, simulated, codecs, detectorStep, page } = figures;

  return [
    `${machine.date}, Node ${machine.node}, ${machine.cores} × ${machine.cpu}, load ${machine.load.toFixed(1)}.`,
    '',
    '## Targets',
    '',
    table(['figure', 'value', 'target', ''], rows(figures).map(targetCells)),
    '',
    ...fleets.flatMap(fleetSection),
    '## Simulated transport',
    '',
    table(
      ['heartbeats', 'memory of each', 'CPU per check', 'allocated per ping'],
      simulated.map(({ heartbeats, memory, cpu, allocated }) => [
        heartbeats.toLocaleString('en'),
        `${(memory / 1000).toFixed(1)} kB`,
        `${cpu.toFixed(1)} µs`,
        `${allocated.toFixed(0)} B`,
      ]),
    ),
    '',
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
    `The detector takes ${detectorStep.toFixed(0)} ns for an answer. Only our codec checks what it reads.`,
    '',
    '## Page',
    '',
    `The client half has ${kB(page.minified)} minified, ${kB(page.gzip)} gzip, ${kB(page.brotli)} brotli. Its codec has ${kB(page.codec)} gzip.`,
  ].join('\n');
}

function fleetSection(fleet: FleetFigures): string[] {
  const { peers, windows, ours, raw } = fleet;
  const measured = MODES.filter(mode => windows.some(window => window.mode === mode));

  return [
    `## ${peers} real peers, one check a second each`,
    '',
    table(
      ['', 'Node CPU per check', 'least–most', 'worker CPU', 'bytes per second and peer'],
      measured.map(mode => {
        const { median, least, most } = perCheck(windows, mode);
        const isOnUdp = mode === 'ours' || mode.startsWith('floor');

        return [
          mode,
          `${median.toFixed(0)} µs`,
          `${least.toFixed(0)}–${most.toFixed(0)} µs`,
          mode === 'socket.io' || mode === 'ws'
            ? '–'
            : `${perCheck(windows, mode, 'workerCpu').median.toFixed(0)} µs`,
          isOnUdp ? bytesPerSecond(fleet, mode).toFixed(0) : '–',
        ];
      }),
    ),
    '',
    `RTT error: median ${rttError(fleet, 0.5).toFixed(2)} ms, p95 ${rttError(fleet, 0.95).toFixed(2)} ms. ` +
      `Heap and array buffers of a peer: ${kB(ours.heap)} with a heartbeat, ${kB(raw.heap)} with a raw channel. ` +
      `CPU of its joining: ${ours.attachCpu.toFixed(2)} ms, ${raw.attachCpu.toFixed(2)} ms.`,
    '',
  ];
}

function targetCells({ figure, value, target, unit }: Row): string[] {
  const verdict = value === undefined ? 'full run only' : value <= target ? 'met' : 'missed';

  return [figure, value === undefined ? '–' : `${value.toFixed(2)} ${unit}`, `≤ ${target} ${unit}`, verdict];
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
  return `${(bytes / 1000).toFixed(1)} kB`;
}
