import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { meanPoints, plot, pointsOf } from './plot.ts';
import type { Figures } from './run.ts';
import { silencePicture } from './silence.ts';
import type { StepCost } from './step.ts';
import type { Times } from './Tally.ts';
import { seconds, type Target } from './targets.ts';
import { FORGETTING_AFTER, PROOFS, SCENARIOS, SPELLS } from './worlds.ts';

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

  writeFileSync(new URL('detector/silence.svg', DOCS), silencePicture());

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
    '| target | wanted | reached | peer-hours | met |',
    '| --- | --- | --- | --- | --- |',
    ...targets.map(
      ({ claim, wanted, reached, hours, met }) =>
        `| ${claim} | ${wanted} | ${reached} | ${hours} | ${met === 'full run' ? 'only a full run shows it' : answer(met)} |`,
    ),
    ...steps.map(
      ({ side, nsPerStep, bytesPerStep }) =>
        `| ${side}: one input | ≤ 1000 ns, ≤ 300 bytes | ${nsPerStep} ns, ${bytesPerStep} bytes | – | ${answer(nsPerStep <= 1000 && bytesPerStep <= 300)} |`,
    ),
    ...forgetting(figures),
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

function answer(met: boolean): string {
  return met ? 'yes' : '**no**';
}

/** The time to dead, some minutes after a spell of outages. */
function forgetting(figures: readonly Figures[]): string[] {
  const rows = SPELLS.map(worlds =>
    worlds.map(({ name }) => figures.find(({ scenario }) => scenario === name)),
  );

  if (rows.flat().some(row => row === undefined)) {
    return [];
  }

  return [
    '',
    '### Forgetting',
    '',
    'The time to suspect and to dead, with `balanced`, so many minutes after the last outage of a spell on a perfect link with an RTT of 40 ms.',
    '',
    `| spell | figure | ${FORGETTING_AFTER.map(minutes => `${minutes} min`).join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(FORGETTING_AFTER.length)}`,
    ...rows.flatMap((row, index) =>
      (['suspect', 'dead'] as const).map(
        what =>
          `| ${SPELLS[index]?.[0]?.about.split(/; |, from/)[1]} | ${what} | ${row.map(found => cell(found?.[what])).join(' | ')} |`,
      ),
    ),
  ];
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
