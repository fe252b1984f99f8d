import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Adds up the tests of several runs of vitest. */
export class TestCounts {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /** Runs vitest in an environment in which it records its counts: see TestCounter.ts. */
  async count(run: (env: NodeJS.ProcessEnv) => Promise<number>, env: NodeJS.ProcessEnv): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-'));
    const path = join(folder, 'counts.json');

    try {
      const code = await run({ ...env, TEST_COUNTS: path });
      // `--help` has nothing to report.
      const counted = await readFile(path, 'utf8').catch(() => undefined);

      if (counted !== undefined) this.#add(JSON.parse(counted));

      return code;
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

  #add({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }): void {
    this.#passed += passed;
    this.#failed += failed;
    this.#skipped += skipped;
  }
}
