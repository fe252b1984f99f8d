import { parseArgs } from 'node:util';
import { startRouter } from '../../test/harness/server.ts';
import { Samples, type Times } from '../detector/Tally.ts';
import { type Cut, cutPeer } from './CutPeer.ts';
import { simulateCuts } from './simulateCuts.ts';

// Cuts off real libwebrtc clients at random moments. Prints how long both real sides took to notice, beside the
// simulator's figures for clients of the same age on the same link:
//   npm run bench:cuts [-- --peers 50] [--json]

/** Pings that a client answers before it is cut. They determine how well the detector knows its link. */
const PINGS_BEFORE = 15;

const { values } = parseArgs({
  options: { peers: { type: 'string', default: '50' }, json: { type: 'boolean', default: false } },
});
const { worker, router } = await startRouter();
const cuts = await Promise.all(
  Array.from({ length: Number(values.peers) }, () => cutPeer(router, PINGS_BEFORE)),
);

worker.close();

const simulated = simulateCuts(PINGS_BEFORE);
const figures = {
  peers: cuts.length,
  server: { measured: measured('server'), simulated: simulated.server },
  client: { measured: measured('client'), simulated: simulated.client },
};

console.log(values.json ? JSON.stringify(figures) : table());
process.exit(0);

function measured(side: keyof Cut) {
  return {
    suspect: timesOf(cuts.map(cut => cut[side].suspect)),
    dead: timesOf(cuts.map(cut => cut[side].dead)),
  };
}

function timesOf(values: readonly number[]): Times | undefined {
  const samples = new Samples();

  for (const value of values) {
    samples.add(value);
  }

  return samples.times();
}

function table(): string {
  return [
    `${figures.peers} real libwebrtc clients, each cut off at a random moment after ${PINGS_BEFORE} answered pings; median / p99`,
    '',
    '| | measured | simulated |',
    '| --- | --- | --- |',
    ...(['server', 'client'] as const).flatMap(side =>
      (['suspect', 'dead'] as const).map(
        state =>
          `| ${side} side: ${state} | ${cell(figures[side].measured[state])} | ${cell(figures[side].simulated[state])} |`,
      ),
    ),
  ].join('\n');
}

function cell({ median, p99 }: Times = { median: Number.NaN, p99: Number.NaN, samples: 0 }): string {
  return `${(median / 1000).toFixed(2)} / ${(p99 / 1000).toFixed(2)} s`;
}
