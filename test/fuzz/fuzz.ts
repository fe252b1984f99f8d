import { seededRandom } from '../../examples/meeting/relay/random.ts';
import { MAX_FRAME_BYTES } from '../../packages/protocol/src/index.ts';
import { type CostReport, Costs } from './Costs.ts';
import { readCorpus } from './corpus.ts';
import { checkRoundTrip, examine, must, type Outcome } from './examine.ts';
import { FrameSource } from './FrameSource.ts';
import { Halves } from './Halves.ts';

/** When to end, and the seed. */
export type Plan = {
  seconds: number;
  frames: number;
  seed: number;
  /** Whether time and memory are measured, and have to be within their bounds. */
  costs: boolean;
};

/** The result. */
export type Report = {
  frames: number;
  seconds: number;
  seed: number;
  outcomes: Record<Outcome, number>;
  halves: { frames: number; violations: number };
  costs?: CostReport;
  /** The property that did not hold, and the frame that showed it. */
  broken?: { property: string; hex: string; frame: number };
};

/** For one in this many frames: both sides receive it, a valid frame is encoded and decoded, and all figures are checked. */
const HALVES_EVERY = 2;
const ROUND_TRIP_EVERY = 16;
const CHECK_EVERY = 1024;

/** The corpus first, then its mutations. */
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
  const report: Report = { frames: 0, seconds: 0, seed, outcomes, halves: { frames: 0, violations: 0 } };
  /** Receives forever what it can bear: what frames leave behind would add up. */
  const patient = new Halves(random);
  let halves = new Halves(random);
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

      if (report.frames % HALVES_EVERY === 0) {
        report.halves.frames++;
        halves.receive(bytes, 400 * random());

        if (bytes.length <= MAX_FRAME_BYTES) {
          patient.receive(bytes, 1000);
        }

        report.halves.violations += halves.violated ? 1 : 0;

        if (halves.violated || (halves.dropped && random() < 0.03)) {
          halves = new Halves(random);
        }
      }

      if (report.frames % ROUND_TRIP_EVERY === 0) {
        checkRoundTrip(source.frame());
        halves.live();
        patient.live();
      }

      if (report.frames % CHECK_EVERY === 0) {
        halves.check();
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
