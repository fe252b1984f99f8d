import type { Contender } from './contenders.ts';
import type { Direction, Row } from './figures.ts';
import type { ScenarioName } from './scenarios.ts';

type Limits = Partial<Record<ScenarioName, Record<Direction, number>>>;

/** The medians to the first RTP that the library is built for, in ms. */
const IN_CHROMIUM: Partial<Record<Contender, Limits>> = {
  ours: {
    a: { up: 2300, down: 2300 },
    b: { up: 3600, down: 4100 },
    c: { up: 1600, down: 1700 },
    d: { up: 1900, down: 1900 },
    tunnel: { up: 500, down: 500 },
    asleep: { up: 1000, down: 1000 },
    moved: { up: 1000, down: 1000 },
  },
  'ours-with-hints': {
    a: { up: 2300, down: 2300 },
    b: { up: 3600, down: 4100 },
    c: { up: 1600, down: 1700 },
    d: { up: 800, down: 800 },
    tunnel: { up: 500, down: 500 },
    asleep: { up: 1000, down: 1000 },
    moved: { up: 1000, down: 1000 },
  },
};
const IN_FIREFOX: Limits = { a: { up: 2000, down: 2000 }, d: { up: 2000, down: 2000 } };

/** How much slower than without the library a NAT rebinding may heal, in ms. */
const SLOWER_THAN_NOTHING = 100;

/** The target of a row, in ms, if it has one. */
export function targetOf(row: Row, direction: Direction, rows: readonly Row[]): number | undefined {
  if (row.browser === 'firefox') {
    return row.contender === 'ours' ? IN_FIREFOX[row.scenario]?.[direction] : undefined;
  }

  const limits = IN_CHROMIUM[row.contender];

  if (limits === undefined || row.scenario !== 'n') return limits?.[row.scenario]?.[direction];

  const nothing = rows.find(
    ({ browser, scenario, contender }) =>
      browser === row.browser && scenario === 'n' && contender === 'nothing',
  );

  return nothing && nothing[direction].rtp.median + SLOWER_THAN_NOTHING;
}
