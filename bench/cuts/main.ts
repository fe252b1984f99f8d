import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from '../../test/harness/events.ts';
import { createTransport, startRouter } from '../../test/harness/server.ts';
import { WirePeer } from '../../test/harness/WirePeer.ts';

// Cuts real libwebrtc peers off at random moments, and prints how long the real server half took to notice beside
// what the simulator says of the same link:
//   npm run bench:cuts [-- --peers 50] [--json]

/** Pings that a peer has answered before it is cut: some of them to learn its link by. */
const PINGS_BEFORE = 15;

type Detection = { suspect: number; dead: number };

const { values } = parseArgs({
  options: { peers: { type: 'string', default: '50' }, json: { type: 'boolean', default: false } },
});
const { worker, router } = await startRouter();
const detections = await Promise.all(Array.from({ length: Number(values.peers) }, () => cutOne(router)));

worker.close();

const figures = {
  peers: detections.length,
  measured: {
    suspect: summarize(detections.map(({ suspect }) => suspect)),
    dead: summarize(detections.map(({ dead }) => dead)),
  },
  simulated: await simulated(),
};

console.log(values.json ? JSON.stringify(figures) : table(figures));
process.exit(0);

/** A peer's life: it connects through a relay, answers for a while, and is cut at a random moment. */
async function cutOne(on: types.Router): Promise<Detection> {
  const transport = await createTransport(on);
  const heartbeat = await attachHeartbeat(transport);
  const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0);
  const peer = await new WirePeer({ transport, streamId: 0, port: relay.port }).connect();

  await until(heartbeat, 'sample', () => heartbeat.stats.received >= PINGS_BEFORE);
  // Anywhere within an interval: right behind a ping it takes longest.
  await new Promise(resolve => setTimeout(resolve, Math.random() * 1000));

  const cutAt = performance.now();

  relay.impair({ blackout: true });

  const suspect = await timeTo(heartbeat, 'suspect', cutAt);
  const dead = await timeTo(heartbeat, 'dead', cutAt);

  peer.close();
  relay.close();

  return { suspect, dead };
}

async function timeTo(heartbeat: Heartbeat, state: string, since: number): Promise<number> {
  await untilState(heartbeat, state);

  return performance.now() - since;
}

/** What the simulator says of a link like loopback. */
async function simulated(): Promise<Record<'suspect' | 'dead', { median: number; p99: number }>> {
  const bench = fileURLToPath(new URL('../detector/main.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [bench, '--quick', '--json', '--scenario=lan', '--detector=balanced'],
    { maxBuffer: 2 ** 26 },
  );
  const { suspect, dead } = JSON.parse(stdout).figures[0];

  return {
    suspect: { median: suspect.median, p99: suspect.p99 },
    dead: { median: dead.median, p99: dead.p99 },
  };
}

function summarize(times: number[]): { median: number; p99: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.ceil(sorted.length * fraction) - 1] ?? Number.NaN;

  return { median: at(0.5), p99: at(0.99), max: at(1) };
}

function table({ peers, measured, simulated: model }: typeof figures): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

  return [
    `${peers} real libwebrtc peers, each cut off at a random moment; median / p99`,
    ...(['suspect', 'dead'] as const).map(
      state =>
        `  ${state.padEnd(8)} measured ${seconds(measured[state].median)} / ${seconds(measured[state].p99)}   ` +
        `simulated ${seconds(model[state].median)} / ${seconds(model[state].p99)}`,
    ),
  ].join('\n');
}
