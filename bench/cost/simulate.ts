import { SimulatedServer } from './SimulatedServer.ts';

// The server side of so many heartbeats on a simulated transport, in a process of its own. Prints what each of them takes as JSON:
//   node --expose-gc --max-semi-space-size=256 bench/cost/simulate.ts 1000

/** How many rounds of pings warm up the process, and how many are measured. */
const WARM_UP = 20;
const ROUNDS = 10;

const heartbeats = Number(process.argv[2]);

// The shapes and the code that all heartbeats share.
new SimulatedServer(10).run(300_000);

const before = memory();
const server = new SimulatedServer(heartbeats);

server.run(WARM_UP * 1000);

const memoryOfEach = (memory() - before) / heartbeats;
const [pongs, cpu] = [server.pongs, process.cpuUsage()];

server.run(ROUNDS * 1000);

const { user, system } = process.cpuUsage(cpu);

console.log(
  JSON.stringify({
    heartbeats,
    memory: memoryOfEach,
    cpu: (user + system) / (server.pongs - pongs),
    allocated: allocatedPerPing(),
  }),
);

/** Bytes that one heartbeat allocates per ping. Its pongs are made without allocating. */
function allocatedPerPing(): number {
  const one = new SimulatedServer(1);

  one.run(500_000);
  globalThis.gc?.();

  const [pongsBefore, heap] = [one.pongs, process.memoryUsage().heapUsed];

  // With so large a young generation nothing is collected meanwhile.
  one.run(2_000_000);

  return (process.memoryUsage().heapUsed - heap) / (one.pongs - pongsBefore);
}

/** Heap and array buffers, in bytes. */
function memory(): number {
  globalThis.gc?.();

  const { heapUsed, arrayBuffers } = process.memoryUsage();

  return heapUsed + arrayBuffers;
}
