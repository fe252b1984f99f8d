import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RanTest } from './unlinked.ts';

/** What TestCounter.ts records of a run. */
type Counts = {
  passed: number;
  failed: number;
  skipped: number;
  /** Test files to run once more. Their tests are not counted. */
  again?: string[];
  /** What failed in these files. */
  failures?: string[];
  /** The tests that are counted. */
  tests?: RanTest[];
  /** Whether nothing else went wrong. */
  isFaultless?: boolean;
};

/** Adds up the tests of several runs of vitest. */
export class TestCounts {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  readonly #tests: RanTest[] = [];
  readonly #passedAgain: string[] = [];

  /**
   * Runs vitest in an environment in which it records its counts: see TestCounter.ts.
   *
   * @param runAgain - Runs files once more, alone, that a busy machine may have failed.
   */
  async count(
    run: (env: NodeJS.ProcessEnv) => Promise<number>,
    env: NodeJS.ProcessEnv,
    runAgain?: (files: string[], env: NodeJS.ProcessEnv) => Promise<number>,
  ): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-'));
    const path = join(folder, 'counts.json');

    try {
      const code = await run({ ...env, TEST_COUNTS: path });
      // `--help` has nothing to report.
      const counted = await readFile(path, 'utf8').catch(() => undefined);
      const counts: Counts | undefined = counted === undefined ? undefined : JSON.parse(counted);

      if (counts !== undefined) this.#add(counts);

      const { again = [], failures = [], isFaultless = false } = counts ?? {};

      if (again.length === 0) return code;

      if (runAgain === undefined) {
        this.#failed += failures.length;

        return code || 1;
      }

      const secondCode = await this.count(counting => runAgain(again, counting), env);

      if (secondCode === 0) this.#passedAgain.push(...failures);

      return isFaultless ? secondCode : code || 1;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The tests that failed first and passed when they were run again, a line each. Each is worth a look. */
  get passedAgain(): readonly string[] {
    return this.#passedAgain;
  }

  /** All tests that were counted. */
  get tests(): readonly RanTest[] {
    return this.#tests;
  }

  /** The sum, in the format that CI and people look for, or nothing if nothing was counted. */
  toString(): string {
    if (this.#passed + this.#failed + this.#skipped === 0) return '';

    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';

    return `${this.#passed} passed, ${this.#failed} failed${skipped}`;
  }

  #add({ passed, failed, skipped, tests = [] }: Counts): void {
    this.#passed += passed;
    this.#failed += failed;
    this.#skipped += skipped;
    this.#tests.push(...tests);
  }
}
