import { seededRandom } from '../../examples/meeting/relay/random.ts';
import { MAX_FRAME_BYTES } from '../../packages/protocol/src/index.ts';
import { type CostReport, Costs } from './Costs.ts';
import { readCorpus } from './corpus.ts';
import { checkRoundTrip, examine, must, type Outcome } from './examine.ts';
import { FrameSource } from './FrameSource.ts';
import { Sides } from './Sides.ts';

/** When to end, and where to begin. */
export type Plan = {
  seconds: number;
  frames: number;
  seed: number;
  /** Whether time and memory are measured, and have to be within their bounds. */
  costs: boolean;
};

/** What came of it. */
export type Report = {
  frames: number;
  seconds: number;
  seed: number;
  outcomes: Record<Outcome, number>;
  sides: { frames: number; violations: number };
  costs?: CostReport;
  /** The property that did not hold, and the frame that showed it. */
  broken?: { property: string; hex: string; frame: number };
};

/** Of so many frames both sides receive one; a frame without faults goes there and back now and then, and all figures are checked. */
const SIDES_EVERY = 2;
const ROUND_TRIP_EVERY = 16;
const CHECK_EVERY = 1024;

/** The corpus first, then whatever comes of it. */
export function fuzz({ seconds, frames, seed, costs: measured }: Plan): Report {
  const corpus = readCorpus();
  const random = seededRandom(seed);
  const source = new FrameSource(
    random,
    corpus.map(({ bytes }) => bytes),
  );
  const outcomes: Report['outcomes'] = {
    accepted: 0,
    empty: 0,
    oversized: 0,
    version: 0,
    shape: 0,
    type: 0,
    field: 0,
  };
  const report: Report = { frames: 0, seconds: 0, seed, outcomes, sides: { frames: 0, violations: 0 } };
  /** Receives forever what it can bear: what frames leave behind would add up. */
  const patient = new Sides(random);
  let sides = new Sides(random);
  let bytes: Uint8Array = new Uint8Array();
  const { stackTraceLimit } = Error;
  const begin = performance.now();
  const timeIsUp = () => performance.now() - begin >= 1000 * seconds;

  // The stacks of all the errors would cost more than anything else.
  Error.stackTraceLimit = 0;

  try {
    const costs = measured ? new Costs() : undefined;

    while (report.frames < frames && (report.frames % 256 !== 0 || !timeIsUp())) {
      const entry = corpus[report.frames];

      bytes = entry?.bytes ?? source.next();

      const outcome = costs?.examine(bytes) ?? examine(bytes);

      must(
        outcome === (entry?.outcome ?? outcome),
        () => `${entry?.name}: ${entry?.outcome}, not ${outcome}`,
      );
      outcomes[outcome]++;

      if (report.frames % SIDES_EVERY === 0) {
        report.sides.frames++;
        sides.receive(bytes, 400 * random());

        if (bytes.length <= MAX_FRAME_BYTES) {
          patient.receive(bytes, 1000);
        }

        report.sides.violations += sides.violated ? 1 : 0;

        if (sides.violated || (sides.dropped && random() < 0.03)) {
          sides = new Sides(random);
        }
      }

      if (report.frames % ROUND_TRIP_EVERY === 0) {
        checkRoundTrip(source.frame());
        sides.live();
        patient.live();
      }

      if (report.frames % CHECK_EVERY === 0) {
        sides.check();
        patient.check();
        must(!patient.violated, () => 'is borne by who receives it once a second');
        must(Object.keys(Object.prototype).length === 0, () => 'leaves all other objects alone');
      }

      report.frames++;
    }

    if (costs !== undefined) {
      report.costs = costs.report();
    }
  } catch (error) {
    const { name, message, stack } = error as Error;

    report.broken = {
      property: name === 'BrokenProperty' ? message : String(stack ?? error),
      hex: Buffer.from(bytes).toString('hex'),
      frame: report.frames,
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }

  report.seconds = (performance.now() - begin) / 1000;

  return report;
}
