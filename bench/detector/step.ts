import { AdaptiveArrivalDetector } from '../../packages/protocol/src/detector/AdaptiveArrivalDetector.ts';
import { AdaptiveDetector } from '../../packages/protocol/src/detector/AdaptiveDetector.ts';
import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';

/** What one call of a detector costs in the steady state. */
export type StepCost = { detector: string; nsPerStep: number; bytesPerStep: number };

/** Pings a run, before and while it is measured. */
const WARM_UP = 200_000;
const PINGS = 2_000_000;
const CHUNK = 20_000;

/** Measures both detectors on a healthy peer. A step is one call of the owner. */
export function measureSteps(): StepCost[] {
  return [
    measure('AdaptiveDetector', 4, () => {
      const detector = new AdaptiveDetector(resolveDetectorOptions());

      detector.start(0, 500);

      return seq => {
        const now = detector.pingAt;

        detector.sent(seq, now);
        detector.judge(now);
        detector.answered(seq, 20 + (seq & 7), now + 20 + (seq & 7));

        return detector.judge(now + 30) === 'alive' ? 0 : 1;
      };
    }),
    measure('AdaptiveArrivalDetector', 2, () => {
      const detector = new AdaptiveArrivalDetector(resolveDetectorOptions());

      detector.start(0);

      return seq => {
        const now = 1000 * seq + (seq & 7);

        detector.arrived(seq, now);

        return detector.judge(now + 500) === 'alive' ? 0 : 1;
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
    detector: name,
    nsPerStep: Number((Number(took) / PINGS / steps).toFixed(1)),
    bytesPerStep: Number(((allocated.sort()[allocated.length / 2] ?? 0) / CHUNK / steps).toFixed(2)),
  };
}
