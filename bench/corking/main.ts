import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Fleet } from '../cost/Fleet.ts';
import { perCheck } from '../cost/figures.ts';
import type { Kind, Mode, Window } from '../cost/messages.ts';

// What mediasoup would save if its Channel wrote once per turn of the event loop instead of once per message:
//   npm run bench:corking [-- --peers 200] [--rounds 4] [--json]
//
// Measures the same server with mediasoup as it is, and with a patched copy of its Channel in memory, side by side.

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});

/** How long each mode is measured, in s. */
const SECONDS = 8;

const PATCH = new URL('patch.ts', import.meta.url);
const peers = Number(values.peers);
const load = loadavg()[0] ?? 0;
const figures = [
  ...(await compare('ours', ['ours'])),
  ...(await compare('raw', [
    'floor, evenly',
    'floor, in slots',
    'getStats(), evenly',
    'getStats(), in slots',
  ])),
];

if (values.json) {
  console.log(JSON.stringify({ peers, load, figures }, null, 2));
} else {
  console.log(
    `Node's CPU per check with ${peers} peers, load ${load.toFixed(1)} before: median (least–most) of ${values.rounds}\n`,
  );
  console.log(
    '|  | mediasoup as it is | with corking | ratio | worker CPU, ratio |\n| --- | --- | --- | --- | --- |',
  );

  for (const { mode, plain, corked, worker } of figures) {
    console.log(
      `| ${mode} | ${show(plain)} | ${show(corked)} | ${ratio(plain, corked)} | ${ratio(worker.plain, worker.corked)} |`,
    );
  }
}

process.exit(0);

/** Measures both at the same time, one mode after the other, and again. */
async function compare(kind: Kind, modes: readonly Mode[]) {
  const [plain, corked] = await Promise.all([
    Fleet.start(kind, peers),
    Fleet.start(kind, peers, { preload: PATCH }),
  ]);
  const windows: { plain: Window; corked: Window }[] = [];

  for (let round = 0; round < Number(values.rounds); round++) {
    for (const mode of modes) {
      const measure = (fleet: Fleet) => fleet.measure({ kind: 'window', mode, seconds: SECONDS });
      const [before, after] = await Promise.all([measure(plain), measure(corked)]);

      windows.push({ plain: before, corked: after });
    }
  }

  await Promise.all([plain.end(), corked.end()]);

  const of = (side: 'plain' | 'corked') => windows.map(window => window[side]);

  return modes.map(mode => ({
    mode,
    plain: perCheck(of('plain'), mode),
    corked: perCheck(of('corked'), mode),
    worker: {
      plain: perCheck(of('plain'), mode, 'workerCpu'),
      corked: perCheck(of('corked'), mode, 'workerCpu'),
    },
  }));
}

function show({ median, least, most }: ReturnType<typeof perCheck>): string {
  return `${median.toFixed(0)} µs (${least.toFixed(0)}–${most.toFixed(0)})`;
}

function ratio(before: ReturnType<typeof perCheck>, after: ReturnType<typeof perCheck>): string {
  return `${(after.median / before.median).toFixed(2)} ×`;
}
