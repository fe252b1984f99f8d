/**
 * What a server's local health is worth, and what it costs. First: what happens with it, and without, when the paths of many of its
 * clients fail at once. Then: how often the server takes its own network for the cause of silences by accident, because three quarters
 * of its clients, independent of each other, happen to be silent at once. How often a client falls silent, and for how long, is
 * simulated in the worlds of the detector bench.
 *
 *     npm run bench:health -- [--clients=1000] [--seed=1]
 */
import { parseArgs } from 'node:util';
import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';
import { Inbox } from '../detector/Inbox.ts';
import { OwnServer } from '../detector/OwnServer.ts';
import { Session } from '../detector/Session.ts';
import { Tally } from '../detector/Tally.ts';
import { SCENARIOS } from '../detector/worlds.ts';
import { accidentRate } from './accidentRate.ts';
import { SERVER_WORLDS, simulateOutage } from './outages.ts';
import { SilenceLog } from './SilenceLog.ts';

const HOUR = 3_600_000;
const HOURS_A_YEAR = 8766;
const SIZES = [8, 20, 40];

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});

const clients = Number(values.clients);
const bounds = resolveDetectorOptions();
const memory = { inbox: new Inbox(), page: new Inbox(), sentAt: new Float64Array(4096) };
const header = [
  'world',
  'silences an hour',
  'share of time',
  ...SIZES.map(size => `${size} clients, a year`),
];

const seconds = (ms?: number) => (ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`);

console.log('| 40 clients | local health | deaths | of them wrong | last death | all back after |');
console.log(`|${' --- |'.repeat(6)}`);

for (const world of SERVER_WORLDS) {
  for (const isAware of [true, false]) {
    const { deaths, falseDeaths, lastDeath, backAfter } = simulateOutage(world, isAware);
    const cells = [
      world.name,
      isAware ? 'on' : 'off',
      deaths,
      falseDeaths,
      seconds(lastDeath),
      seconds(backAfter),
    ];

    console.log(`| ${cells.join(' | ')} |`);
  }
}

console.log();
console.log(`| ${header.join(' | ')} |\n|${' --- |'.repeat(header.length)}`);

// A server that stalls knows of it by its timers, and not by its clients.
for (const world of SCENARIOS.filter(({ stalls }) => stalls === undefined)) {
  const log = new SilenceLog();

  for (let client = 0; client < clients; client++) {
    const contender = { detector: new OwnServer(bounds, [log]), asks: true };

    new Session(
      { ...world, death: 'none' },
      contender,
      new Tally(),
      Number(values.seed) * 1_000_003 + client,
      memory,
    ).run();
    log.leave();
  }

  const lived = clients * world.life;
  const perHour = log.count / (lived / HOUR);
  const share = log.total / lived;
  const accidents = SIZES.map(size => HOURS_A_YEAR * accidentRate(size, perHour, share));

  console.log(
    `| ${[world.name, perHour.toPrecision(2), `${(100 * share).toPrecision(2)} %`, ...accidents.map(count => count.toExponential(0))].join(' | ')} |`,
  );
}
