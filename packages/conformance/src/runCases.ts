import type { Case } from './Case.ts';
import { type Connect, Subject } from './Subject.ts';
import { Failure, Skip, Trial } from './Trial.ts';

/** What became of a case. */
export type Result = {
  readonly case: Case;
  readonly kind: 'passed' | 'failed' | 'skipped';
  /** The requirement that is broken, if one is. */
  readonly broken: string | undefined;
  /** Why it failed or was skipped. */
  readonly message: string;
  /** The requirements that were checked. A case that does not pass has none. */
  readonly exercised: readonly string[];
  /** How long it took, in ms. */
  readonly duration: number;
};

export type RunOptions = {
  /** Starts the implementation. */
  readonly connect: Connect;
  /** How many cases run at the same time. */
  readonly concurrency: number;
  /** How long a case waits for a suspicion or a death, in ms. */
  readonly patience: number;
  /** Called with each result, in the order in which they come. */
  readonly onResult?: (result: Result) => void;
};

/** Runs cases against an implementation. The results have the order of the cases. */
export async function runCases(cases: readonly Case[], options: RunOptions): Promise<Result[]> {
  const results: Result[] = [];
  const queue = [...cases.entries()];

  async function work(): Promise<void> {
    let shared: Subject | undefined;

    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, one] = next;
      const isUsable = one.isQuestion && shared?.ended === undefined;
      const subject = (isUsable ? shared : undefined) ?? new Subject(options.connect, one.role, one.interval);
      const result = await runCase(one, subject, options.patience);

      if (one.isQuestion) {
        shared = subject;
      } else {
        subject.end();
      }

      results[index] = result;
      options.onResult?.(result);
    }

    shared?.end();
  }

  await Promise.all(Array.from({ length: options.concurrency }, work));

  return results;
}

async function runCase(one: Case, subject: Subject, patience: number): Promise<Result> {
  const from = performance.now();
  const trial = new Trial(subject, one, patience);
  const result = (kind: Result['kind'], message = '', broken?: string): Result => ({
    case: one,
    kind,
    broken,
    message,
    exercised: kind === 'passed' ? [...trial.exercised] : [],
    duration: performance.now() - from,
  });

  try {
    await one.run(trial);

    const forgotten = one.requirements.find(id => !trial.exercised.has(id));

    return forgotten === undefined
      ? result('passed')
      : result('failed', `this case checked nothing of ${forgotten}: please report it`);
  } catch (error) {
    if (error instanceof Skip) {
      return result('skipped', error.message);
    }

    return error instanceof Failure
      ? result('failed', error.message, error.requirement)
      : result('failed', (error as Error).message);
  }
}
