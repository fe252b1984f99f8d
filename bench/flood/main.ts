import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { countArrivals } from '../../test/harness/arrivals.ts';
import { untilState } from '../../test/harness/events.ts';
import { createTransport, startRouter } from '../../test/harness/server.ts';
import type { Start } from './peer.ts';

// What a peer that floods its heartbeat costs the server's Node process, and its neighbours:
//   npm run bench:flood [-- --seconds 10] [--rate 10000] [--json]

/** Honest peers. */
const NEIGHBOURS = 10;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const { router } = await startRouter();
/** The messages that have reached Node from each heartbeat's peer, the latest last. */
const arrivals = countArrivals(router);
const neighbours = await Promise.all(
  Array.from({ length: NEIGHBOURS }, async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);

    startPeer(transport, 0);
    await untilState(heartbeat, 'alive');

    return heartbeat;
  }),
);

const quiet = await measure();

const flooded = await createTransport(router);
const heartbeat = await attachHeartbeat(flooded);
const startedAt = performance.now();

startPeer(flooded, Number(values.rate));
await untilState(heartbeat, 'dead');

const violation = { after: performance.now() - startedAt, reason: heartbeat.reason };
const flood = await measure();
const flooding = arrivals.at(-1)?.() ?? Number.NaN;

// What the same flood costs an application that merely listens to it.
const unguarded = await createTransport(router);
const listened = await listen(unguarded, Number(values.rate));
const without = await measure();
const figures = {
  rate: Number(values.rate),
  neighbours: NEIGHBOURS,
  violation,
  quiet,
  flood: { ...flood, messagesInNode: flooding },
  withoutHeartbeat: { ...without, messagesInNode: listened() },
  verdicts: [...new Set(neighbours.map(({ state }) => state))],
};

console.log(values.json ? JSON.stringify(figures) : table());
process.exit(0);

/** The Node process's CPU in ms a second, and the median RTT of the neighbours in ms, over some time. */
async function measure(): Promise<{ cpu: number; rtt: number }> {
  const rtts: number[] = [];
  const note = ({ rtt }: { rtt: number }) => void rtts.push(rtt);
  const before = process.cpuUsage();

  for (const neighbour of neighbours) {
    neighbour.on('sample', note);
  }

  await new Promise(resolve => setTimeout(resolve, seconds * 1000));

  const { user, system } = process.cpuUsage(before);

  for (const neighbour of neighbours) {
    neighbour.off('sample', note);
  }

  return { cpu: (user + system) / 1000 / seconds, rtt: median(rtts) };
}

/** Floods a transport without a heartbeat, whose messages are read and counted. */
async function listen(transport: types.WebRtcTransport, rate: number): Promise<() => number> {
  const direct = await router.createDirectTransport();
  let count = 0;

  startPeer(transport, rate, async () => {
    const dataProducer = await transport.produceData({ sctpStreamParameters: { streamId: 0 } });
    const consumer = await direct.consumeData({ dataProducerId: dataProducer.id });

    consumer.on('message', () => count++);
  });

  return () => count;
}

function startPeer(transport: types.WebRtcTransport, flood: number, connected = async () => {}): void {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  const child = fork(new URL('peer.ts', import.meta.url), { stdio: 'inherit' });
  const start: Start = { transport: { id, iceParameters, iceCandidates, dtlsParameters }, flood };

  child.on('message', async ({ connect }: { connect: { dtlsParameters: types.DtlsParameters } }) => {
    await transport.connect(connect);
    await connected();
    child.send('connected');
  });
  child.send(start);
  process.once('exit', () => child.kill());
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function table(): string {
  const line = (name: string, { cpu, rtt }: { cpu: number; rtt: number }, messages: string) =>
    `  ${name.padEnd(34)} ${cpu.toFixed(1).padStart(7)} ms/s  ${rtt.toFixed(2).padStart(6)} ms  ${messages}`;

  return [
    `One peer floods with ${values.rate} messages a second; ${NEIGHBOURS} neighbours. Node's CPU, the neighbours' median RTT, messages that reached Node:`,
    line('nobody floods', quiet, '–'),
    line('flooding its heartbeat', flood, String(flooding)),
    line('besides, flooding who listens', without, String(listened())),
    `  ${violation.reason} ${violation.after.toFixed(0)} ms after the peer was started; the neighbours are ${figures.verdicts.join(', ')}`,
  ].join('\n');
}
