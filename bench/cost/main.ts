import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { measurePage } from '../page/pageFigures.ts';
import { Fleet } from './Fleet.ts';
import type { Figures, FleetFigures, GrowthFigures, PathFigures } from './figures.ts';
import type { Mode, Window } from './messages.ts';
import { compareCodecs, detectorStep, frameBytes } from './micro.ts';
import { FULL, LOSS, QUICK } from './plan.ts';
import { report, targets } from './report.ts';
import { rows } from './rows.ts';

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

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const plan = values.quick ? QUICK : FULL;
const startedAt = performance.now();
const load = loadavg()[0] ?? 0;
const commit = await readCommit();
const fleets: FleetFigures[] = [];
const growth: GrowthFigures[] = [];

for (const peers of plan.peers) {
  say(`${peers} peers, beside the others`);
  fleets.push(await measureFleets(peers));
}

for (const peers of plan.growth) {
  say(`${peers} peers, alone`);
  growth.push(await measureGrowth(peers));
}

say('RTT and loss behind a relay');

const paths = await Promise.all(plan.paths.map(measurePath));
const simulated = [];

for (const heartbeats of plan.simulated) {
  say(`${heartbeats} heartbeats, simulated`);
  simulated.push(await simulate(heartbeats));
}

say('codecs, first media, page');

const figures: Figures = {
  machine: {
    date: new Date().toISOString().slice(0, 10),
    commit,
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    load,
    minutes: 0,
  },
  fleets,
  growth,
  paths,
  simulated,
  codecs: compareCodecs(),
  frames: frameBytes(),
  allocated: await measureAllocations(),
  detectorStep: detectorStep(),
  firstMedia: plan.firstMedia === 0 ? undefined : await measureFirstMedia(plan.firstMedia),
  page: await measurePage(plan.pagePings),
};

figures.machine.minutes = (performance.now() - startedAt) / 60_000;
console.log(
  values.json ? JSON.stringify({ targets: targets(rows(figures)), ...figures }, null, 2) : report(figures),
);

if (values.write) {
  const text = await readFile(DOCUMENT, 'utf8');

  await writeFile(DOCUMENT, `${text.slice(0, text.indexOf(MARK) + MARK.length)}\n\n${report(figures)}\n`);
}

process.exit(0);

/** Where the run is, beside its report. */
function say(what: string): void {
  console.error(`${((performance.now() - startedAt) / 60_000).toFixed(1)} min: ${what}`);
}

/** Measures ours beside each of the others. */
async function measureFleets(peers: number): Promise<FleetFigures> {
  const [ours, raw, socketIo] = await Promise.all([
    Fleet.start('ours', peers),
    Fleet.start('raw', peers),
    Fleet.start('socket.io', peers),
  ]);
  const measureRound = async (seconds: number) => {
    const measure = (fleet: Fleet, mode: Mode) => fleet.measure({ kind: 'window', mode, seconds });
    const windows: Window[] = [];

    for (const mode of RIVALS) {
      windows.push(
        ...(await Promise.all([
          measure(ours, 'ours'),
          measure(raw, mode),
          ...(mode === 'ws' ? [measure(socketIo, 'socket.io')] : []),
        ])),
      );
    }

    return windows;
  };

  // Not counted: V8 optimizes what runs often, and a server runs for hours.
  await measureRound(plan.warmUpSeconds);

  const windows: Window[] = [];

  for (let round = 0; round < plan.rounds; round++) {
    windows.push(...(await measureRound(plan.seconds)));
  }

  const rttErrors = await raw.measure({ kind: 'rtt', seconds: plan.seconds });
  const summaries = { ours: await summaryOf(ours), raw: { ...(await summaryOf(raw)), rttErrors } };

  await Promise.all([ours, raw, socketIo].map(fleet => fleet.end()));

  return { peers, windows, ...summaries };
}

function summaryOf(fleet: Fleet) {
  return fleet.measure({ kind: 'summary' });
}

/** Measures ours while no other server runs, so that many peers find room on the machine. Then a server with raw channels joins and closes. */
async function measureGrowth(peers: number): Promise<GrowthFigures> {
  const server = await Fleet.start('ours', peers);
  const windows: Window[] = [];

  for (let round = 0; round < plan.growthRounds; round++) {
    windows.push(await server.measure({ kind: 'window', mode: 'ours', seconds: plan.growthSeconds }));
  }

  const ours = await summaryOf(server);
  const pace = await server.measure({ kind: 'pace', seconds: plan.growthSeconds });
  const closing = await server.measure({ kind: 'close' });

  await server.end();

  const floor = await Fleet.start('raw', peers);
  const rttErrors = await floor.measure({ kind: 'rtt', seconds: plan.growthSeconds });
  const raw = { ...(await summaryOf(floor)), rttErrors };
  const rawClosing = await floor.measure({ kind: 'close' });

  await floor.end();

  return { peers, windows, pace, ours, raw, closing: { ours: closing, raw: rawClosing } };
}

/** Counts what passes a relay, then lets it lose packets. */
async function measurePath(peers: number): Promise<PathFigures> {
  const fleet = await Fleet.start('ours', peers, { relayed: true });
  const wire = await fleet.measure({ kind: 'wire', seconds: plan.wireSeconds });
  const loss = await fleet.measure({ kind: 'loss', loss: LOSS, seconds: plan.lossSeconds });

  await fleet.end();

  return { peers, wire, loss };
}

/** In a process of its own: see there. */
function simulate(heartbeats: number): Promise<Figures['simulated'][number]> {
  return jsonOf('--expose-gc', fileURLToPath(new URL('simulate.ts', import.meta.url)), String(heartbeats));
}

/** With so large a young generation nothing is collected but on demand. */
function measureAllocations(): Promise<number> {
  return jsonOf(
    '--expose-gc',
    '--min-semi-space-size=256',
    '--max-semi-space-size=256',
    fileURLToPath(new URL('allocations.ts', import.meta.url)),
  );
}

function measureFirstMedia(rounds: number): Promise<NonNullable<Figures['firstMedia']>> {
  return jsonOf(
    fileURLToPath(new URL('../first-media/main.ts', import.meta.url)),
    '--json',
    '--rounds',
    String(rounds),
  );
}

/** What a program of this repository prints. */
async function jsonOf<T>(...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, args);

  return JSON.parse(stdout) as T;
}

/** The short hash, with a `+` if files have been changed since. */
async function readCommit(): Promise<string> {
  const git = async (...args: string[]) =>
    (
      await promisify(execFile)('git', args, { cwd: fileURLToPath(new URL('.', import.meta.url)) })
    ).stdout.trim();

  try {
    return `${await git('rev-parse', '--short', 'HEAD')}${(await git('status', '--porcelain', '-uno')) === '' ? '' : '+'}`;
  } catch {
    // A copy without its history.
    return 'unknown';
  }
}
