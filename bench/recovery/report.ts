import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { CONTENDERS } from './contenders.ts';
import {
  type Direction,
  type Healthy,
  healthyOf,
  type Row,
  rowsOf,
  type Spread,
  walksOf,
} from './figures.ts';
import type { Result } from './jobs.ts';
import { plot } from './plot.ts';
import type { Done } from './runJobs.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { targetOf } from './targets.ts';

/** What one or several runs of the bench have found. Times in ms; `null` in JSON is "never". */
export type Report = Done & {
  rows: Row[];
  walks: ReturnType<typeof walksOf>;
  healthy: Healthy | undefined;
};

export function reportOf({ results, ...done }: Done): Report {
  return {
    ...done,
    results,
    rows: sorted(rowsOf(results)),
    walks: walksOf(results),
    healthy: healthyOf(results),
  };
}

const PAGE = new URL('../../docs/recovery.md', import.meta.url);
const PLOT = new URL('../../docs/recovery.svg', import.meta.url);

/** The bench writes what is between these two lines of docs/recovery.md. */
const BEGIN = '<!-- figures: written by the bench -->';
const END = '<!-- end of figures -->';

/** Writes the tables and the plot into docs/. */
export function writeDocs(report: Report): void {
  const page = readFileSync(PAGE, 'utf8');
  const [before] = page.split(BEGIN);
  const [, after] = page.split(END);

  writeFileSync(PAGE, `${before}${BEGIN}\n\n${tables(report)}\n\n${END}${after}`);
  writeFileSync(PLOT, plot(report.rows));
}

export function tables(report: Report): string {
  const browsers = [...new Set(report.rows.map(({ browser }) => browser))];

  return [
    conditions(report),
    ...browsers.map(browser =>
      [
        `### ${report.versions[browser] ?? browser}`,
        '',
        '| scenario | who brings the call back | runs | first RTP, up · down | target | first video frame | first data message | not back in time |',
        '| --- | --- | --- | --- | --- | --- | --- | --- |',
        ...report.rows.filter(row => row.browser === browser).map(row => line(row, report.rows)),
      ].join('\n'),
    ),
    ...(report.healthy === undefined ? [] : [healthyTable(report.healthy)]),
    ...(report.walks.walks === 0 ? [] : [walksLine(report)]),
    ...(report.failures.length === 0
      ? []
      : [`${report.failures.length} jobs could not be run: ${report.failures[0]?.error}.`]),
  ].join('\n\n');
}

function line(row: Row, rows: readonly Row[]): string {
  const targets = (['up', 'down'] as const).map(direction => targetOf(row, direction, rows));
  const met = (['up', 'down'] as const).every(
    (direction, index) => row[direction].rtp.median <= (targets[index] ?? Number.POSITIVE_INFINITY),
  );
  const target = targets.every(limit => limit === undefined)
    ? ''
    : `≤ ${targets.map(limit => seconds(limit)).join(' · ')}${met ? '' : ' **missed**'}`;
  const cells = [
    `${row.scenario}: ${SCENARIOS[row.scenario].about}`,
    CONTENDERS[row.contender],
    row.runs,
    both(row, 'rtp'),
    target,
    both(row, 'frame'),
    both(row, 'data'),
    row.lost,
  ];

  return `| ${cells.join(' | ')} |`;
}

/** The medians of both directions, and their 95th percentiles. */
function both(row: Row, what: keyof Row['up']): string {
  const show = (direction: Direction, figure: keyof Spread) => seconds(row[direction][what][figure]);

  return `${show('up', 'median')} · ${show('down', 'median')} (${show('up', 'p95')} · ${show('down', 'p95')})`;
}

function healthyTable({ runs, restarts, before, during }: Healthy): string {
  const show = ({ median, p95 }: Spread) => `${median} (${p95})`;
  const line = (name: string, key: keyof Healthy['before']) =>
    `| ${name} | ${show(before[key])} | ${show(during[key])} |`;

  return [
    '### A restart that nobody needed, on a healthy path',
    '',
    `The heartbeat's messages are held up for 4 s and nothing else, ${runs} times; the library restarted ${restarts} times.`,
    '',
    '| longest gap in ms, median (p95) | without a restart | with one |',
    '| --- | --- | --- |',
    line('audio RTP up', 'audioUp'),
    line('audio RTP down', 'audioDown'),
    line('video RTP up', 'videoUp'),
    line('video RTP down', 'videoDown'),
    line('video shown', 'shown'),
  ].join('\n');
}

function walksLine({ walks: { walks, changes, lost, lostAt } }: Report): string {
  return [
    '### Random walks',
    '',
    `${walks} calls went through ${changes} scenarios in random order, and home before each. Calls lost: ${lost}${lost > 0 ? ` (${lostAt.join(', ')})` : ''}.`,
  ].join('\n');
}

/** In which conditions the figures came about. */
function conditions({ results, left }: Report): string {
  const lanes = [...new Set(results.map(result => result.lanes))].sort((one, other) => other - one);
  const lines = lanes.map(many => {
    const loads = results
      .filter(result => result.lanes === many)
      .map(({ load }) => load)
      .sort((one, other) => one - other);
    const at = (part: number) => (loads[Math.floor(part * (loads.length - 1))] ?? 0).toFixed(0);

    return `- ${loads.length} jobs, ${many} at once: load average ${at(0.5)} in the median, ${at(0.05)} to ${at(0.95)} for 90 % of them`;
  });

  return [
    `On ${cpus().length} cores, with mediasoup ${versionOf('mediasoup')} and mediasoup-client ${versionOf('mediasoup-client')}:`,
    '',
    ...lines,
    ...(left > 0 ? [`- ${left} jobs of the full run not done`] : []),
  ].join('\n');
}

function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);

  return JSON.parse(readFileSync(path, 'utf8')).version;
}

/** The report of a run that was printed as JSON. */
export function read(path: string): Done {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Several runs as one. */
export function together(runs: readonly Done[]): Done {
  return {
    results: runs.flatMap<Result>(({ results }) => results),
    versions: Object.assign({}, ...runs.map(({ versions }) => versions)),
    failures: runs.flatMap(({ failures }) => failures),
    left: runs.reduce((sum, { left }) => sum + left, 0),
  };
}

function sorted(rows: Row[]): Row[] {
  const scenarios = Object.keys(SCENARIOS) as ScenarioName[];
  const contenders = Object.keys(CONTENDERS);
  const rank = ({ scenario, contender }: Row) =>
    scenarios.indexOf(scenario) * contenders.length + contenders.indexOf(contender);

  return rows.sort((one, other) => one.browser.localeCompare(other.browser) || rank(one) - rank(other));
}

function seconds(ms: number | undefined): string {
  if (ms === undefined) return '–';

  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'never';
}
