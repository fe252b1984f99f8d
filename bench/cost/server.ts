import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { Server } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { createTransport, startRouter } from '../../test/harness/server.ts';
import type { Kind, Mode, PeerNews, PeerOrder, ServerNews, ServerOrder, Window } from './messages.ts';

// One server with its worker and its peers, which the bench tells what to do: see `Fleet.ts`. Each check is a ping and its answer, or
// one reading of the transport's counters, once a second for each peer.

/** How far away the first and the last peer are, in ms, and how many slots of a second the pings leave in where they do. */
const NEAREST = 5;
const FARTHEST = 300;
const SLOTS = 20;

/** The first peers warm up what all of them share, and are not counted in what one more peer costs. */
const FIRST = 5;

/** How many peers join at once. */
const AT_ONCE = 10;

/** What is done before a window is measured, in ms. */
const WARM_UP = 2000;

const [kind, peers] = [process.argv[2] as Kind, Number(process.argv[3])];
const distances = Array.from(
  { length: peers },
  (_, index) => NEAREST + ((index * 37) % peers) * ((FARTHEST - NEAREST) / peers),
);
const peerProcess = fork(new URL('peers.ts', import.meta.url), {
  execArgv: process.execArgv,
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const { worker, router } = await startRouter();
const direct = await router.createDirectTransport();
const source = await direct.produceData();
const transports: types.WebRtcTransport[] = [];
const heartbeats: Heartbeat[] = [];
const channels: types.DataConsumer[] = [];
const sockets: WebSocket[] = [];
let answers = 0;

process.on('disconnect', () => process.exit(0));
peerProcess.setMaxListeners(0);

const joined = kind === 'socket.io' ? await startSocketIo() : await join();

process.on('message', async (order: ServerOrder | 'summary') => {
  tell(
    order === 'summary'
      ? {
          kind: 'summary',
          summary: {
            ...joined,
            heapLater: (memory() - joined.before) / (peers - FIRST),
            rttErrors: heartbeats.map(
              ({ stats }, index) => (stats.rtt.smoothed ?? Number.NaN) - (distances[index] ?? 0),
            ),
          },
        }
      : { kind: 'window', window: await measure(order) },
  );
});
tell({ kind: 'ready' });

function tell(news: ServerNews): void {
  process.send?.(news);
}

/** Lets all peers join, a few at once. */
async function join() {
  await joinFrom(0, FIRST);

  const [before, cpu] = [memory(), cpuTime()];

  for (let index = FIRST; index < peers; index += AT_ONCE) {
    await joinFrom(index, Math.min(index + AT_ONCE, peers));
  }

  const attachCpu = (cpuTime() - cpu) / (peers - FIRST);

  await until(() => heartbeats.every(({ state }) => state === 'alive'));

  if (kind === 'raw') {
    await startWebSockets();
  }

  return { attachCpu, before, heap: (memory() - before) / (peers - FIRST) };
}

async function joinFrom(first: number, end: number): Promise<void> {
  await Promise.all(
    distances.slice(first, end).map((distance, offset) => joinPeer(first + offset, distance)),
  );
}

async function joinPeer(index: number, distance: number): Promise<void> {
  const transport = await createTransport(router);

  transports[index] = transport;

  if (kind === 'ours') {
    heartbeats[index] = await attachHeartbeat(transport);
  }

  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  const ready = untilReady(index);
  const listener = async (news: PeerNews) => {
    if (news.kind === 'connect' && news.index === index) {
      peerProcess.off('message', listener);
      await transport.connect({ dtlsParameters: news.dtlsParameters });
      order({ kind: 'connected', index });
    }
  };

  peerProcess.on('message', listener);
  order({
    kind: 'connect',
    index,
    transport: { id, iceParameters, iceCandidates, dtlsParameters },
    distance,
    speaks: kind === 'ours' ? 'ours' : 'raw',
  });
  await ready;

  if (kind === 'raw') {
    channels[index] = await openChannel(transport);
  }
}

/** The same mediasoup objects as a heartbeat has. */
async function openChannel(transport: types.WebRtcTransport): Promise<types.DataConsumer> {
  const out = await transport.consumeData({
    dataProducerId: source.id,
    ordered: false,
    maxRetransmits: 0,
  });
  const back = await transport.produceData({
    sctpStreamParameters: { streamId: 0, ordered: false, maxRetransmits: 0 },
  });
  const receiver = await direct.consumeData({ dataProducerId: back.id });

  receiver.on('message', () => answers++);

  return out;
}

async function startWebSockets(): Promise<void> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  server.on('connection', socket => {
    sockets.push(socket);
    socket.on('pong', () => answers++);
  });
  await new Promise(resolve => server.once('listening', resolve));

  const ready = untilReady();

  order({ kind: 'ws', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, distances });
  await ready;
}

async function startSocketIo() {
  const http = createServer();
  const io = new Server(http, { pingInterval: 1000, transports: ['websocket'] });
  const [before, cpu] = [memory(), cpuTime()];

  io.engine.on('connection', socket => {
    socket.on('packet', ({ type }: { type: string }) => {
      answers += type === 'pong' ? 1 : 0;
    });
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));

  const ready = untilReady();

  order({ kind: 'socket.io', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, peers });
  await ready;

  return { attachCpu: (cpuTime() - cpu) / peers, before, heap: (memory() - before) / peers };
}

async function measure({ mode, seconds }: ServerOrder): Promise<Window> {
  const stop = start(mode);

  await wait(WARM_UP);

  const [bytes, count] = [await udpBytes(), checks(mode)];
  const [workerCpu, cpu, startedAt] = [await workerTime(), cpuTime(), performance.now()];

  await wait(seconds * 1000);

  const window = { cpu: cpuTime() - cpu, duration: performance.now() - startedAt };

  stop();

  return {
    mode,
    ...window,
    workerCpu: (await workerTime()) - workerCpu,
    checks: checks(mode) - count,
    bytes: (await udpBytes()) - bytes,
  };
}

function checks(mode: Mode): number {
  return mode === 'ours' ? heartbeats.reduce((sum, { stats }) => sum + stats.received, 0) : answers;
}

/** Begins to check all peers once a second each. Returns what stops it. */
function start(mode: Mode): () => void {
  const ping = Buffer.alloc(16, 7);
  const send = (index: number) => void channels[index]?.send(ping).catch(() => {});
  const getStats = (index: number) =>
    void transports[index]?.getStats().then(
      () => answers++,
      () => {},
    );

  switch (mode) {
    case 'floor, evenly':
      return evenly(send);
    case 'floor, in slots':
      return inSlots(send);
    case 'getStats(), evenly':
      return evenly(getStats);
    case 'getStats(), in slots':
      return inSlots(getStats);
    case 'ws':
      return evenly(index => sockets[index]?.ping());
    default:
      return () => {};
  }
}

/** A timer for each peer, spread evenly over the second. */
function evenly(check: (index: number) => void): () => void {
  const timers = new Map<number, NodeJS.Timeout>();
  const startedAt = performance.now();
  const schedule = (index: number, round: number) => {
    const dueAt = startedAt + (round + index / peers) * 1000;

    timers.set(
      index,
      setTimeout(
        () => {
          check(index);
          schedule(index, round + 1);
        },
        Math.max(0, dueAt - performance.now()),
      ),
    );
  };

  for (let index = 0; index < peers; index++) {
    schedule(index, 0);
  }

  return () => timers.forEach(clearTimeout);
}

/** One timer for all. */
function inSlots(check: (index: number) => void): () => void {
  let slot = 0;
  const timer = setInterval(() => {
    for (let index = slot; index < peers; index += SLOTS) {
      check(index);
    }

    slot = (slot + 1) % SLOTS;
  }, 1000 / SLOTS);

  return () => clearInterval(timer);
}

/** In ms. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();

  return (user + system) / 1000;
}

async function workerTime(): Promise<number> {
  const { ru_utime, ru_stime } = await worker.getResourceUsage();

  return ru_utime + ru_stime;
}

async function udpBytes(): Promise<number> {
  const stats = await Promise.all(transports.map(transport => transport.getStats()));

  return stats.flat().reduce((sum, { bytesSent, bytesReceived }) => sum + bytesSent + bytesReceived, 0);
}

function memory(): number {
  globalThis.gc?.();
  globalThis.gc?.();

  const { heapUsed, arrayBuffers } = process.memoryUsage();

  return heapUsed + arrayBuffers;
}

function order(what: PeerOrder): void {
  peerProcess.send(what);
}

async function untilReady(index?: number): Promise<void> {
  await new Promise<void>(resolve => {
    const listener = (news: PeerNews) => {
      if (news.kind === 'ready' && news.index === index) {
        peerProcess.off('message', listener);
        resolve();
      }
    };

    peerProcess.on('message', listener);
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await wait(1);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
