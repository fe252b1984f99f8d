import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { countArrivals } from '../../test/harness/arrivals.ts';
import { untilState } from '../../test/harness/events.ts';
import { createTransport, startRouter } from '../../test/harness/server.ts';
import type { Start } from './peer.ts';

// What a client that floods its heartbeat costs the server's Node process and the other clients:
//   npm run bench:flood [-- --seconds 10] [--rate 10000] [--json]

/** Honest clients. */
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
/** For each heartbeat, in the order of their creation: the messages that have reached Node from its client. */
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

// The cost of the same flood for an application that listens to it.
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

/** The Node process's CPU time in ms per second, and the median RTT of the honest clients in ms. */
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

/** Floods a transport without a heartbeat. Reads and counts the messages. */
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
    `One client sends ${values.rate} messages a second, beside ${NEIGHBOURS} others. Node's CPU, the others' median RTT, messages that reached Node:`,
    line('no flood', quiet, '–'),
    line('flood on a heartbeat', flood, String(flooding)),
    line('and on a data channel that is read', without, String(listened())),
    `  ${violation.reason} ${violation.after.toFixed(0)} ms after the flooding client was started; the others are ${figures.verdicts.join(', ')}`,
  ].join('\n');
}
