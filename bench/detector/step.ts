import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';
import { OwnClient } from './OwnClient.ts';
import { OwnServer } from './OwnServer.ts';

/** What one input of an endpoint costs in the steady state, without the codec. */
export type StepCost = { side: string; nsPerStep: number; bytesPerStep: number };

/** Pings a run, before and while it is measured. */
const WARM_UP = 200_000;
const PINGS = 2_000_000;
const CHUNK = 250;

/** Measures both sides with a healthy peer. */
export function measureSteps(): StepCost[] {
  return [
    // A ping leaves, its answer comes, and nothing is missed by the time at which it would have been.
    measure('ServerEndpoint', 2, () => {
      const server = new OwnServer(resolveDetectorOptions());

      server.start(0, 500);

      return seq => {
        const now = server.judgeAt;

        server.timeout(now);

        if (server.takePing()) {
          server.answered(seq, 0, now + 20 + (seq & 7));
        }

        return server.judge() === 'alive' ? 0 : 1;
      };
    }),
    measure('ClientEndpoint', 1, () => {
      const client = new OwnClient(resolveDetectorOptions(), false);

      return seq => {
        client.arrived(seq, 1000 * seq + (seq & 7));

        return client.judge() === 'alive' ? 0 : 1;
      };
    }),
  ];
}

function measure(name: string, steps: number, create: () => (seq: number) => number): StepCost {
  const step = create();
  let worse = 0;

  for (let seq = 0; seq < WARM_UP; seq++) {
    worse += step(seq);
  }

  const allocated = new Float64Array(PINGS / CHUNK);
  let took = 0n;

  // In chunks short enough that garbage is rarely collected within one: the heap then only grows. Their median is the steady
  // state: into some of them falls what the compiler does by the way.
  for (let from = WARM_UP; from < WARM_UP + PINGS; from += CHUNK) {
    const heap = process.memoryUsage().heapUsed;
    const begin = process.hrtime.bigint();

    for (let seq = from; seq < from + CHUNK; seq++) {
      worse += step(seq);
    }

    took += process.hrtime.bigint() - begin;
    allocated[(from - WARM_UP) / CHUNK] = Math.max(0, process.memoryUsage().heapUsed - heap);
  }

  if (worse > 0) {
    throw new Error(`${name} judged a healthy peer as not alive ${worse} times`);
  }

  return {
    side: name,
    nsPerStep: Number((Number(took) / PINGS / steps).toFixed(1)),
    bytesPerStep: Number(((allocated.sort()[allocated.length / 2] ?? 0) / CHUNK / steps).toFixed(2)),
  };
}
