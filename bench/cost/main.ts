import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { bundleForPage, CLIENT_HALF, CODEC } from '../../packages/client/scripts/pageBundle.ts';
import { Fleet } from './Fleet.ts';
import { type Figures, type FleetFigures, FULL, QUICK, rows, type SimulatedFigures } from './figures.ts';
import type { Mode, Window } from './messages.ts';
import { compareCodecs, detectorStep } from './micro.ts';
import { report } from './report.ts';

// What the heartbeat costs, on the real worker with real libwebrtc peers in other processes:
//   npm run bench [-- --quick] [--json] [--write]
//
// The raw server goes from one mode to the next while ours is measured beside it, so both see the same machine at the same time.
// `--write` writes the figures of docs/performance.md.

/** What ours is measured beside, each in turn. */
const RIVALS: readonly Mode[] = [
  'floor, evenly',
  'floor, in slots',
  'getStats(), evenly',
  'getStats(), in slots',
  'ws',
];

/** Where `--write` writes the report to, and after what. */
const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const MARK = '<!-- figures: written by the bench -->';

/** How often each is measured, and for how long, in s. */
const ROUNDS = { quick: 2, full: 5 };
const SECONDS = { quick: 5, full: 10 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const size = values.quick ? 'quick' : 'full';
const plan = values.quick ? QUICK : FULL;
const fleets: FleetFigures[] = [];
const simulated: SimulatedFigures[] = [];

for (const peers of plan.peers) {
  fleets.push(await measureFleets(peers));
}

for (const heartbeats of plan.simulated) {
  simulated.push(await simulate(heartbeats));
}

const [clientHalf, codec] = [await bundleForPage(CLIENT_HALF), await bundleForPage(CODEC)];
const figures: Figures = {
  machine: {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    load: loadavg()[1] ?? 0,
  },
  fleets,
  simulated,
  codecs: compareCodecs(),
  detectorStep: detectorStep(),
  page: {
    minified: clientHalf.code.length,
    gzip: clientHalf.gzip,
    brotli: clientHalf.brotli,
    codec: codec.gzip,
  },
};

console.log(values.json ? JSON.stringify({ targets: rows(figures), ...figures }, null, 2) : report(figures));

if (values.write) {
  const text = await readFile(DOCUMENT, 'utf8');

  await writeFile(DOCUMENT, `${text.slice(0, text.indexOf(MARK) + MARK.length)}\n\n${report(figures)}\n`);
}

process.exit(0);

/** Measures ours beside each of the others. */
async function measureFleets(peers: number): Promise<FleetFigures> {
  const [ours, raw, socketIo] = await Promise.all([
    Fleet.start('ours', peers),
    Fleet.start('raw', peers),
    Fleet.start('socket.io', peers),
  ]);
  const windows: Window[] = [];

  for (let round = 0; round < ROUNDS[size]; round++) {
    for (const mode of RIVALS) {
      windows.push(
        ...(await Promise.all([
          ours.measure('ours', SECONDS[size]),
          raw.measure(mode, SECONDS[size]),
          ...(mode === 'ws' ? [socketIo.measure('socket.io', SECONDS[size])] : []),
        ])),
      );
    }
  }

  const summaries = { ours: await ours.summary(), raw: await raw.summary() };

  for (const fleet of [ours, raw, socketIo]) {
    fleet.close();
  }

  return { peers, windows, ...summaries };
}

/** In a process of its own: see there. */
async function simulate(heartbeats: number): Promise<SimulatedFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--max-semi-space-size=256',
    fileURLToPath(new URL('simulate.ts', import.meta.url)),
    String(heartbeats),
  ]);

  return JSON.parse(stdout);
}
