import { CONTENDERS, type Contender } from './contenders.ts';
import type { Row } from './figures.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

const WIDTH = 760;
const LEFT = 300;
const RIGHT = 70;
const TOP = 70;
const LINE = 14;
const GAP = 16;

/** Seconds on the logarithmic axis. */
const FASTEST = 0.05;
const SLOWEST = 30;
const MARKS = [0.1, 0.3, 1, 3, 10];

const COLOURS: Record<Contender, string> = {
  ours: '#0a7d4f',
  'ours-with-hints': '#35c48d',
  'on-failed': '#c2571a',
  'on-disconnected': '#d9a400',
  nothing: '#888888',
};

/** The medians to the first RTP in the first browser: a full dot for what the browser sends, an open one for the rest. */
export function plot(rows: readonly Row[]): string {
  const browser = rows.find(row => row.browser === 'chromium')?.browser ?? rows[0]?.browser;
  const shown = rows.filter(row => row.browser === browser);
  const parts: string[] = [];
  let y = TOP;

  for (const scenario of Object.keys(SCENARIOS) as ScenarioName[]) {
    const group = shown.filter(row => row.scenario === scenario);

    if (group.length === 0) continue;

    parts.push(text(8, y + 4, `${scenario}: ${SCENARIOS[scenario].about}`, 'start', '#222'));

    for (const { contender, up, down } of group) {
      const colour = COLOURS[contender];

      parts.push(
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#eee"/>`,
        whisker(y - 2, up.rtp.median, up.rtp.p95, colour),
        whisker(y + 2, down.rtp.median, down.rtp.p95, colour),
        `<circle cx="${x(up.rtp.median)}" cy="${y}" r="4" fill="${colour}"/>`,
        `<circle cx="${x(down.rtp.median)}" cy="${y}" r="5.5" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
      );
      y += LINE;
    }

    y += GAP;
  }

  const marks = MARKS.map(
    mark =>
      `<line x1="${x(mark * 1000)}" x2="${x(mark * 1000)}" y1="${TOP - 12}" y2="${y - GAP}" stroke="#ddd"/>` +
      text(x(mark * 1000), TOP - 16, `${mark} s`, 'middle', '#555'),
  );
  const legend = (Object.entries(CONTENDERS) as [Contender, string][]).map(
    ([contender, name], index) =>
      `<circle cx="${14 + (index % 3) * 250}" cy="${14 + Math.floor(index / 3) * 16}" r="4" fill="${COLOURS[contender]}"/>` +
      text(
        24 + (index % 3) * 250,
        18 + Math.floor(index / 3) * 16,
        name.replaceAll('`', ''),
        'start',
        '#222',
      ),
  );

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 20}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${y + 20}" fill="#fff"/>`,
    ...legend,
    ...marks,
    text(x(Number.POSITIVE_INFINITY), TOP - 16, 'never', 'middle', '#555'),
    ...parts,
    text(
      8,
      y + 10,
      'First RTP on a path that exists: the median, and a line to the 95th percentile. Full: up. Open: down.',
      'start',
      '#555',
    ),
    '</svg>',
    '',
  ].join('\n');
}

function x(ms: number): number {
  if (!Number.isFinite(ms)) return WIDTH - RIGHT / 2;

  const seconds = Math.min(Math.max(ms / 1000, FASTEST), SLOWEST);
  const share = Math.log(seconds / FASTEST) / Math.log(SLOWEST / FASTEST);

  return Math.round(LEFT + share * (WIDTH - LEFT - RIGHT));
}

function whisker(y: number, median: number, p95: number, colour: string): string {
  return `<line x1="${x(median)}" x2="${x(p95)}" y1="${y}" y2="${y}" stroke="${colour}"/>`;
}

function text(at: number, y: number, said: string, anchor: string, colour: string): string {
  return `<text x="${at}" y="${y}" text-anchor="${anchor}" fill="${colour}">${said}</text>`;
}
