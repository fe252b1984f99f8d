import { setFlagsFromString } from 'node:v8';
import { SimulatedClock } from './SimulatedClock.ts';
import { SimulatedServer } from './SimulatedServer.ts';

// Bytes that the server's core allocates per ping in the steady state while nobody listens. Prints one number:
//   node --expose-gc --min-semi-space-size=256 --max-semi-space-size=256 bench/cost/allocations.ts

/** Seconds that warm up the code, and seconds that are measured. Not even a young collection may fall into these. */
const WARM_UP = 3000;
const MEASURED = 500;

// Code that is optimized beside a simulation whose hours take no time would be ready only after it.
setFlagsFromString('--no-concurrent-recompilation');

const clock = new SimulatedClock();
// Its pongs are made without allocating.
const server = new SimulatedServer(10, clock);

clock.run(WARM_UP * 1000);
globalThis.gc?.();

const [pongs, heap] = [server.pongs, process.memoryUsage().heapUsed];

clock.run(MEASURED * 1000);
console.log((process.memoryUsage().heapUsed - heap) / (server.pongs - pongs));
