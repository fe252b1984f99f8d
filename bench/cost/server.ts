import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { Server } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { createTransport, startRouter } from '../../test/harness/server.ts';
import type {
  Closing,
  Directions,
  Kind,
  Loss,
  Mode,
  Pace,
  Results,
  ServerNews,
  ServerOrder,
  Summary,
  Window,
  Wire,
} from './messages.ts';
import { PeerProcesses } from './PeerProcesses.ts';
import { evenly, inSlots } from './pacing.ts';
import { cpuTime, memory, wait, watchLoop } from './process.ts';
import { RelayProcess } from './RelayProcess.ts';
import { quantile, quantiles, sum } from './statistics.ts';

// One server with its worker and its peers, which the bench tells what to do: see `Fleet.ts`. Each check is a ping and its answer, or
// one reading of the transport's counters, once a second for each peer.

/** How far away the first and the last peer are, in ms. */
const NEAREST = 5;
const FARTHEST = 300;

/** How often a heartbeat pings, in ms. */
const INTERVAL = 1000;

/** The first peers warm up what all of them share, and are not counted in what one more peer costs. */
const FIRST = 5;

/** How many peers join at once. */
const AT_ONCE = 10;

/** What is sent down a raw channel: as long as a ping of the usual size. */
const PING = Buffer.alloc(16, 7);

/** What is done before a window is measured, in ms. */
const WARM_UP = 2000;

/** Pings that left before this count as answered or lost, in ms. */
const SETTLED = 4000;

const [kind, peers, isRelayed] = [
  process.argv[2] as Kind,
  Number(process.argv[3]),
  process.argv[4] === 'relayed',
];
const distances = Array.from(
  { length: peers },
  (_, index) => NEAREST + ((index * 37) % peers) * ((FARTHEST - NEAREST) / peers),
);
const peerProcesses = new PeerProcesses(peers);
const relay = isRelayed ? new RelayProcess() : undefined;
const { worker, router } = await startRouter();
const direct = await router.createDirectTransport();
const source = await direct.produceData();
const transports: types.WebRtcTransport[] = [];
const heartbeats: Heartbeat[] = [];
const channels: { out: types.DataConsumer; back: types.DataProducer; receiver: types.DataConsumer }[] = [];
const attachTimes: number[] = [];
const sockets: WebSocket[] = [];
let answers = 0;

process.on('disconnect', () => process.exit(0));

const joined = kind === 'socket.io' ? await startSocketIo() : await join();

process.on('message', async (order: ServerOrder) => tell(await obey(order)));
tell('ready');

function tell(news: ServerNews): void {
  process.send?.(news);
}

async function obey(order: ServerOrder): Promise<Results[ServerOrder['kind']]> {
  switch (order.kind) {
    case 'window':
      return measure(order);
    case 'rtt':
      return measureRtt(order.seconds);
    case 'pace':
      return measurePace(order.seconds);
    case 'wire':
      return measureWire(order.seconds);
    case 'loss':
      return measureLoss(order);
    case 'summary':
      return summary();
    case 'close':
      return close();
  }
}

/** Lets all peers join, a few at once. */
async function join() {
  const first = Math.min(FIRST, peers);

  await joinFrom(0, first);

  const [before, cpu] = [memory(), cpuTime()];

  for (let index = first; index < peers; index += AT_ONCE) {
    await joinFrom(index, Math.min(index + AT_ONCE, peers));
  }

  const attachCpu = cpuTime() - cpu;
  const attachChecks = checks('ours');

  await until(() => heartbeats.every(({ state }) => state === 'alive'));

  if (kind === 'raw') {
    await startWebSockets();
  }

  return {
    attachCpu: attachCpu / (peers - first),
    attachChecks: attachChecks / (peers - first),
    before,
    heap: (memory().heap - before.heap) / (peers - first),
  };
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
    heartbeats[index] = await timed(attachHeartbeat(transport));
  }

  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  const port = await relay?.open(iceCandidates[0]?.port ?? 0, index + 1);

  await peerProcesses.connect(
    {
      kind: 'connect',
      index,
      transport: { id, iceParameters, iceCandidates, dtlsParameters },
      distance,
      speaks: kind === 'ours' ? 'ours' : 'raw',
      port,
    },
    dtls => transport.connect({ dtlsParameters: dtls }),
  );

  if (kind === 'raw') {
    channels[index] = await timed(openChannel(transport));
  }
}

async function timed<T>(attaching: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const attached = await attaching;

  attachTimes.push(performance.now() - startedAt);

  return attached;
}

/** The same mediasoup objects as a heartbeat has. */
async function openChannel(transport: types.WebRtcTransport) {
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

  return { out, back, receiver };
}

async function startWebSockets(): Promise<void> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  server.on('connection', socket => {
    sockets.push(socket);
    socket.on('pong', () => answers++);
  });
  await new Promise(resolve => server.once('listening', resolve));
  await peerProcesses.be({
    kind: 'ws',
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    distances,
  });
}

async function startSocketIo() {
  const http = createServer();
  const io = new Server(http, { pingInterval: INTERVAL, transports: ['websocket'] });
  const [before, cpu] = [memory(), cpuTime()];

  io.engine.on('connection', socket => {
    socket.on('packet', ({ type }: { type: string }) => {
      answers += type === 'pong' ? 1 : 0;
    });
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  await peerProcesses.be({
    kind: 'socket.io',
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    peers,
  });

  return {
    attachCpu: (cpuTime() - cpu) / peers,
    attachChecks: 0,
    before,
    heap: (memory().heap - before.heap) / peers,
  };
}

async function measure({ mode, seconds }: ServerOrder & { kind: 'window' }): Promise<Window> {
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
  return mode === 'ours' ? sum(heartbeats.map(({ stats }) => stats.received)) : answers;
}

/** Begins to check all peers once a second each. Returns what stops it. */
function start(mode: Mode): () => void {
  const getStats = (index: number) =>
    void transports[index]?.getStats().then(
      () => answers++,
      () => {},
    );

  switch (mode) {
    case 'floor, evenly':
      return evenly(peers, sendPing);
    case 'floor, in slots':
      return inSlots(peers, sendPing);
    case 'getStats(), evenly':
      return evenly(peers, getStats);
    case 'getStats(), in slots':
      return inSlots(peers, getStats);
    case 'ws':
      return evenly(peers, index => sockets[index]?.ping());
    default:
      return () => {};
  }
}

function sendPing(index: number): void {
  channels[index]?.out.send(PING).catch(() => {});
}

/** The RTT of raw channels, by the same rule as with a heartbeat: an answer says by how much its peer's timer was late. */
async function measureRtt(seconds: number): Promise<number[]> {
  const sentAt = new Float64Array(peers);
  const errors = distances.map((): number[] => []);
  const stops = channels.map(({ receiver }, index) => {
    const listener = (answer: Buffer) => {
      const rtt = performance.now() - (sentAt[index] ?? 0) - answer.readDoubleLE();

      errors[index]?.push(rtt - (distances[index] ?? 0));
    };

    receiver.on('message', listener);

    return () => void receiver.off('message', listener);
  });
  const stop = evenly(peers, index => {
    sentAt[index] = performance.now();
    sendPing(index);
  });

  await wait(seconds * 1000);
  stop();
  // The last answers are on their way.
  await wait(FARTHEST * 2);

  for (const end of stops) {
    end();
  }

  return errors.filter(of => of.length > 0).map(of => sum(of) / of.length);
}

/** Not while CPU is measured: listening, and watching the loop, take some. */
async function measurePace(seconds: number): Promise<Pace> {
  const deviations: number[] = [];
  const stops = heartbeats.map(heartbeat => {
    let last: { seq: number; sentAt: number } | undefined;
    const listener = ({ seq, at, rtt, hold }: { seq: number; at: number; rtt: number; hold: number }) => {
      const sentAt = at - rtt - hold;

      if (last !== undefined && seq === ((last.seq + 1) & 0xffff)) {
        deviations.push(Math.abs(sentAt - last.sentAt - INTERVAL));
      }

      last = { seq, sentAt };
    };

    heartbeat.on('sample', listener);

    return () => heartbeat.off('sample', listener);
  });
  const endWatch = watchLoop();

  await wait(seconds * 1000);

  const loopDelay = endWatch();

  for (const stop of stops) {
    stop();
  }

  return { timers: quantiles(deviations), loopDelay };
}

async function measureWire(seconds: number): Promise<Wire> {
  const before = await passed();
  const startedAt = performance.now();

  await wait(seconds * 1000);

  const after = await passed();
  const share = 1000 / (performance.now() - startedAt) / peers;
  const of = (direction: keyof Wire) => ({
    packets: (after[direction].packets - before[direction].packets) * share,
    bytes: (after[direction].bytes - before[direction].bytes) * share,
  });

  return { uplink: of('uplink'), downlink: of('downlink') };
}

function passed(): Promise<Wire> {
  if (relay === undefined) {
    throw new Error('this server has no relay');
  }

  return relay.count();
}

/** The pings before the loss are left out: the window of the figures is longer than that. */
async function measureLoss({ loss, seconds }: ServerOrder & { kind: 'loss' }): Promise<Directions<Loss>> {
  await relay?.lose(loss);
  await wait(SETTLED);

  const before = lostPings();

  await wait(seconds * 1000);

  const after = lostPings();
  const of = (direction: 'uplink' | 'downlink') => {
    const pings = after[direction].of - before[direction].of;

    return {
      injected: loss[direction],
      measured: (after[direction].lost - before[direction].lost) / pings,
      pings,
    };
  };

  return { uplink: of('uplink'), downlink: of('downlink') };
}

/** Of all peers: pings that did not arrive, and answers that did not, of those that arrived. */
function lostPings(): Directions<{ lost: number; of: number }> {
  const losses = heartbeats.map(({ stats }) => stats.loss);
  const downlink = losses.map(({ downlink = 0, window }) => ({ lost: downlink * window, of: window }));
  const uplink = losses.map(({ uplink = 0 }, index) => {
    const arrived = (downlink[index]?.of ?? 0) - (downlink[index]?.lost ?? 0);

    return { lost: uplink * arrived, of: arrived };
  });
  const total = (of: readonly { lost: number; of: number }[]) => ({
    lost: sum(of.map(({ lost }) => lost)),
    of: sum(of.map(peer => peer.of)),
  });

  return { uplink: total(uplink), downlink: total(downlink) };
}

function summary(): Summary {
  const { heap, rss } = memory();
  const more = Math.max(1, peers - FIRST);

  return {
    attachCpu: joined.attachCpu,
    attachChecks: joined.attachChecks,
    attachTime: quantile(attachTimes, 0.5),
    heap: joined.heap,
    heapLater: (heap - joined.before.heap) / more,
    rss: (rss - joined.before.rss) / more,
    rttErrors: heartbeats.map(
      ({ stats }, index) => (stats.rtt.smoothed ?? Number.NaN) - (distances[index] ?? 0),
    ),
  };
}

/** Closes all heartbeats, or raw channels. The transports stay. */
async function close(): Promise<Closing> {
  const [cpu, startedAt] = [cpuTime(), performance.now()];

  for (const heartbeat of heartbeats) {
    heartbeat.close();
  }

  for (const { out, back } of channels) {
    out.close();
    back.close();
  }

  // The worker answers in order.
  await workerTime();

  return { cpu: (cpuTime() - cpu) / peers, duration: performance.now() - startedAt };
}

async function workerTime(): Promise<number> {
  const { ru_utime, ru_stime } = await worker.getResourceUsage();

  return ru_utime + ru_stime;
}

async function udpBytes(): Promise<number> {
  const stats = await Promise.all(transports.map(transport => transport.getStats()));

  return sum(stats.flat().map(({ bytesSent, bytesReceived }) => bytesSent + bytesReceived));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await wait(1);
  }
}
