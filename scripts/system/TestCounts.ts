import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What TestCounter.ts records of a run. */
type Counts = {
  passed: number;
  failed: number;
  skipped: number;
  /** Test files whose process crashed. Their tests are not counted. */
  crashed?: string[];
  /** Whether nothing else went wrong. */
  isFaultless?: boolean;
};

/** Adds up the tests of several runs of vitest. */
export class TestCounts {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /**
   * Runs vitest in an environment in which it records its counts: see TestCounter.ts.
   *
   * @param again - Runs those files once more whose process crashed.
   */
  async count(
    run: (env: NodeJS.ProcessEnv) => Promise<number>,
    env: NodeJS.ProcessEnv,
    again?: (files: string[], env: NodeJS.ProcessEnv) => Promise<number>,
  ): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-'));
    const path = join(folder, 'counts.json');

    try {
      const code = await run({ ...env, TEST_COUNTS: path });
      // `--help` has nothing to report.
      const counted = await readFile(path, 'utf8').catch(() => undefined);
      const counts: Counts | undefined = counted === undefined ? undefined : JSON.parse(counted);

      if (counts !== undefined) this.#add(counts);

      const { crashed = [], isFaultless = false } = counts ?? {};

      if (crashed.length === 0) {
        return code;
      } else if (again === undefined) {
        this.#failed += crashed.length;

        return code || 1;
      }

      const secondCode = await this.count(counting => again(crashed, counting), env);

      return isFaultless ? secondCode : code;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The sum, in the format that CI and people look for, or nothing if nothing was counted. */
  toString(): string {
    if (this.#passed + this.#failed + this.#skipped === 0) return '';

    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';

    return `${this.#passed} passed, ${this.#failed} failed${skipped}`;
  }

  #add({ passed, failed, skipped }: Counts): void {
    this.#passed += passed;
    this.#failed += failed;
    this.#skipped += skipped;
  }
}
