import { loops, slotOf } from '../../packages/server/src/loops.ts';
import type { Pace } from './messages.ts';
import { cpuTime, memory, wait, watchLoop } from './process.ts';
import { SimulatedClock } from './SimulatedClock.ts';
import { type Clock, SimulatedServer } from './SimulatedServer.ts';
import { quantiles } from './statistics.ts';

// The server side of so many heartbeats on a simulated transport, in a process of its own. Prints what each of them takes as JSON:
//   node --expose-gc bench/cost/simulate.ts 1000

/** What each of so many heartbeats takes: bytes, and µs of CPU. */
export type SimulatedFigures = {
  heartbeats: number;
  /** Heap and array buffers, and resident memory. */
  memory: number;
  rss: number;
  /** For each check, for attaching and for closing. */
  cpu: number;
  attachCpu: number;
  closeCpu: number;
  /** Of the same number on the real clock, with the timers that a server has. */
  pace: Pace;
};

/** How many rounds of pings warm up the process, and how many are measured. */
const WARM_UP = 20;
const ROUNDS = 10;

/** How long the real clock runs before it is measured, and while it is, in s. */
const REAL_WARM_UP = 4;
const REAL = 8;

const heartbeats = Number(process.argv[2]);

// The shapes and the code that all heartbeats share.
const warmUp = new SimulatedClock();

new SimulatedServer(10, warmUp);
warmUp.run(300_000);

const clock = new SimulatedClock();
const [before, attachFrom] = [memory(), cpuTime()];
const server = new SimulatedServer(heartbeats, clock);
const attachCpu = cpuTime() - attachFrom;

clock.run(WARM_UP * 1000);

const after = memory();
const [pongs, from] = [server.pongs, cpuTime()];

clock.run(ROUNDS * 1000);

const cpu = (cpuTime() - from) / (server.pongs - pongs);
const closeFrom = cpuTime();

server.close();

const closeCpu = cpuTime() - closeFrom;

console.log(
  JSON.stringify({
    heartbeats,
    memory: (after.heap - before.heap) / heartbeats,
    rss: (after.rss - before.rss) / heartbeats,
    cpu: cpu * 1000,
    attachCpu: (attachCpu / heartbeats) * 1000,
    closeCpu: (closeCpu / heartbeats) * 1000,
    pace: await measurePace(),
  } satisfies SimulatedFigures),
);
process.exit(0);

/** On the real clock. */
async function measurePace(): Promise<Pace> {
  const interval = 1000;
  const deviations: number[] = [];
  const sentAt = new Float64Array(heartbeats);
  let isMeasuring = false;
  const realClock: Clock = {
    loops,
    slot: () => slotOf(interval, heartbeats),
    schedule: (callback, ms) => loops.surroundings.createTimer(callback).set(ms),
  };
  const real = new SimulatedServer(heartbeats, realClock, index => {
    const now = performance.now();
    const last = sentAt[index] ?? 0;

    if (isMeasuring && last > 0) {
      deviations.push(Math.abs(now - last - interval));
    }

    sentAt[index] = now;
  });

  await wait(REAL_WARM_UP * 1000);
  isMeasuring = true;

  const endWatch = watchLoop();

  await wait(REAL * 1000);

  const pace = { loopDelay: endWatch(), timers: quantiles(deviations) };

  real.close();

  return pace;
}
