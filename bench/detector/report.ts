import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { meanPoints, plot, pointsOf } from './plot.ts';
import type { Figures } from './run.ts';
import type { StepCost } from './step.ts';
import type { Times } from './Tally.ts';
import { seconds, type Target } from './targets.ts';
import { PROOFS, SCENARIOS } from './worlds.ts';

/** The results of one run of the bench. */
export type Report = {
  seed: number;
  quick: boolean;
  figures: Figures[];
  targets: Target[];
  steps: StepCost[];
};

const DOCS = new URL('../../docs/', import.meta.url);
const PAGE = new URL('detector-figures.md', DOCS);

/** Only the slowest detectors survive the outages of this scenario. In a mean it would hide the others. */
const LONG_OUTAGES = 'train';

/** The bench writes what is between these two lines of docs/detector-figures.md. */
const BEGIN = '<!-- figures: written by the bench -->';
const END = '<!-- end of figures -->';

/** Writes the plots and tables into docs/. */
export function writeDocs(report: Report): void {
  mkdirSync(new URL('detector/', DOCS), { recursive: true });

  const compared = SCENARIOS.map(({ name }) => report.figures.filter(({ scenario }) => scenario === name));

  for (const [index, { name, about }] of SCENARIOS.entries()) {
    writeFileSync(new URL(`detector/${name}.svg`, DOCS), plot(about, pointsOf(compared[index] ?? [])));
  }

  const short = compared.filter((_, index) => SCENARIOS[index]?.name !== LONG_OUTAGES).flat();

  writeFileSync(
    new URL('detector/all.svg', DOCS),
    plot(`Means over all scenarios but the ${LONG_OUTAGES}`, meanPoints(short)),
  );

  const page = readFileSync(PAGE, 'utf8');
  const [before] = page.split(BEGIN);
  const [, after] = page.split(END);

  writeFileSync(PAGE, `${before}${BEGIN}\n\n${tables(report)}\n\n${END}${after}`);
}

/** The figures as Markdown. */
export function tables({ figures, targets, steps, seed }: Report): string {
  return [
    `Seed ${seed}. Times in seconds, median / p99.`,
    '',
    '### Targets',
    '',
    '| target | wanted | reached | met |',
    '| --- | --- | --- | --- |',
    ...targets.map(
      ({ claim, wanted, reached, met }) =>
        `| ${claim} | ${wanted} | ${reached} | ${met ? 'yes' : '**no**'} |`,
    ),
    ...steps.map(
      ({ side, nsPerStep, bytesPerStep }) =>
        `| ${side}: one input | ≤ 1000 ns, ≤ 300 bytes | ${nsPerStep} ns, ${bytesPerStep} bytes | ${nsPerStep <= 1000 && bytesPerStep <= 300 ? 'yes' : '**no**'} |`,
    ),
    ...[...SCENARIOS, ...PROOFS].flatMap(({ name, about, life, learn }) => {
      const rows = figures.filter(({ scenario }) => scenario === name);
      const isCompared = SCENARIOS.some(scenario => scenario.name === name);

      return rows.length === 0
        ? []
        : [
            '',
            `### ${name}`,
            '',
            `${about}. ${lifeOf(life, learn)}`,
            '',
            '| detector | suspect | dead | recovery | false suspects per hour | false deaths per 1,000 h | peer-hours | pings per hour |',
            '| --- | --- | --- | --- | --- | --- | --- | --- |',
            ...rows.map(row),
            ...(isCompared ? ['', `![${name}](detector/${name}.svg)`] : []),
          ];
    }),
  ].join('\n');
}

/** How old the clients were when they died, and when counting began: this tells how much learning a figure includes. */
function lifeOf(life: number, learn: number): string {
  const age = life < 60_000 ? `${life / 1000} s` : `${life / 60_000} minutes`;
  const from = learn > 0 ? `; false verdicts and pings are counted from minute ${learn / 60_000} on` : '';

  return `The clients die after ${age}${from}.`;
}

function row(figures: Figures): string {
  const { detector, suspect, dead, recovery, falseSuspectsPerHour, falseDeadsPer1000Hours } = figures;

  return `| ${detector} | ${cell(suspect)} | ${cell(dead)} | ${cell(recovery)} | ${falseSuspectsPerHour ?? '–'} | ${falseDeadsPer1000Hours} | ${Math.round(figures.peerHours)} | ${figures.pingsPerHour} |`;
}

function cell(times: Times | undefined): string {
  return times === undefined ? '–' : `${seconds(times.median)} / ${seconds(times.p99)}`;
}
