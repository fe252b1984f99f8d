import { memory } from './process.ts';
import { SimulatedClock } from './SimulatedClock.ts';
import { SimulatedServer } from './SimulatedServer.ts';

// Bytes that the server's core holds for each heartbeat while nobody listens, with about 1.2 kB of the simulation. Prints one number:
//   node --expose-gc bench/cost/heap.ts

const HEARTBEATS = 1000;

/** Until all windows of figures are full, in s. */
const SECONDS = 180;

const clock = new SimulatedClock();
// The code, its shapes, and the memory of the clock are there once, however many heartbeats there are.
const before = new SimulatedServer(HEARTBEATS, clock);

clock.run(SECONDS * 1000);

const { heap } = memory();
const server = new SimulatedServer(HEARTBEATS, clock);

clock.run(SECONDS * 1000);
console.log((memory().heap - heap) / HEARTBEATS);
// Neither may be collected before it is measured.
before.close();
server.close();
