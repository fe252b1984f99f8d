import type { Figures } from './run.ts';

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 110;
const TOP = 40;
const BOTTOM = 50;
/** Room for a label. */
const LABEL = 95;
const LINE = 13;

/** Seconds on the horizontal axis, false deaths per 1,000 peer-hours on the vertical one. Both logarithmic. */
const FASTEST = 1;
const SLOWEST = 100;
const MOST = 100_000;
/** Where "none" is drawn, below the lowest rate that could be measured. */
const NONE = 0.1;

/** A detector in a plot. */
export type Point = { name: string; ours: boolean; median: number; p99: number; falseDeads: number };

/** The points of one scenario. */
export function pointsOf(figures: readonly Figures[]): Point[] {
  return figures.flatMap(({ detector, dead, falseDeadsPer1000Hours }) =>
    dead === undefined ? [] : [point(detector, dead.median, dead.p99, falseDeadsPer1000Hours)],
  );
}

/** The means over all scenarios, for detectors that were in all of them. */
export function meanPoints(figures: readonly Figures[]): Point[] {
  const names = [...new Set(figures.map(({ detector }) => detector))];

  return names.flatMap(name => {
    const own = figures.filter(({ detector, dead }) => detector === name && dead !== undefined);
    const mean = (value: (figures: Figures) => number) =>
      own.reduce((sum, next) => sum + value(next), 0) / own.length;

    return own.length === 0
      ? []
      : [
          point(
            name,
            mean(({ dead }) => dead?.median ?? 0),
            mean(({ dead }) => dead?.p99 ?? 0),
            mean(({ falseDeadsPer1000Hours }) => falseDeadsPer1000Hours),
          ),
        ];
  });
}

function point(name: string, median: number, p99: number, falseDeads: number): Point {
  return {
    name,
    ours: ['balanced', 'fast', 'patient'].includes(name),
    median: median / 1000,
    p99: p99 / 1000,
    falseDeads,
  };
}

/** Time to dead (a dot for the median, a line to the p99) against false deaths, as SVG. */
export function plot(title: string, points: readonly Point[]): string {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="22" font-size="15">${escaped(title)}</text>`,
    ...axes(),
  ];
  const taken: Label[] = [];

  for (const { name, ours, median, p99, falseDeads } of [...points].sort((a, b) => a.median - b.median)) {
    const x = across(median);
    const y = down(falseDeads);
    const color = ours ? '#c0392b' : '#34609a';
    const labelY = free(x, y, taken);

    parts.push(
      `<line x1="${x}" y1="${y}" x2="${across(p99)}" y2="${y}" stroke="${color}" stroke-opacity="0.5"/>`,
      `<circle cx="${x}" cy="${y}" r="${ours ? 5 : 4}" fill="${color}"/>`,
      `<path d="M${x} ${y} L${x + 8} ${labelY}" stroke="${color}" stroke-opacity="0.3"/>`,
      `<text x="${x + 9}" y="${labelY + 4}" fill="${color}"${ours ? ' font-weight="bold"' : ''}>${escaped(name)}</text>`,
    );
  }

  return `${[...parts, '</svg>'].join('\n')}\n`;
}

function axes(): string[] {
  const parts: string[] = [];

  for (const s of [1, 2, 5, 10, 20, 50, 100]) {
    parts.push(
      `<line x1="${across(s)}" y1="${TOP}" x2="${across(s)}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>`,
      `<text x="${across(s)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${s}</text>`,
    );
  }

  for (let rate = NONE; rate <= MOST; rate *= 10) {
    parts.push(
      `<line x1="${LEFT}" y1="${down(rate)}" x2="${WIDTH - RIGHT}" y2="${down(rate)}" stroke="#ddd"/>`,
      `<text x="${LEFT - 6}" y="${down(rate) + 4}" text-anchor="end">${rate === NONE ? 'none' : Math.round(rate).toLocaleString('en')}</text>`,
    );
  }

  return [
    ...parts,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">time to dead, s: median, line to p99</text>`,
    `<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">false deaths per 1,000 peer-hours</text>`,
  ];
}

type Label = { x: number; y: number };

/** A height for a label near `y` at which it covers no other. */
function free(x: number, y: number, taken: Label[]): number {
  let at = y;

  for (let step = 1; taken.some(label => covers(label, x, at)); step++) {
    const wished = y + (step % 2 === 0 ? 1 : -1) * Math.ceil(step / 2) * LINE;

    at = wished > HEIGHT - BOTTOM + 10 ? y - step * LINE : wished;
  }

  taken.push({ x, y: at });

  return at;
}

function covers(label: Label, x: number, y: number): boolean {
  return Math.abs(label.x - x) < LABEL && Math.abs(label.y - y) < LINE;
}

function across(s: number): number {
  const share = Math.log(Math.min(SLOWEST, Math.max(FASTEST, s)) / FASTEST) / Math.log(SLOWEST / FASTEST);

  return Math.round(LEFT + share * (WIDTH - LEFT - RIGHT));
}

function down(falseDeads: number): number {
  const share = Math.log(Math.min(MOST, Math.max(NONE, falseDeads)) / NONE) / Math.log(MOST / NONE);

  return Math.round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
