import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import type { Activity } from './activity.ts';

/** The result of a suite. */
export type Result = {
  passed: number;
  failed: number;
  skipped: number;
  /** What the heartbeat did in all of its test files. */
  activity: Activity;
};

/** Writes the result of a run into a file, as JSON. */
export class Summary implements Reporter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const result: Result = { passed: 0, failed: 0, skipped: 0, activity: {} };

    for (const module of modules) {
      let tests = 0;

      for (const test of module.children.allTests()) {
        const { state } = test.result();

        tests++;
        result[state === 'pending' ? 'failed' : state]++;
      }

      // One that could not be loaded has no tests.
      result.failed += tests === 0 ? 1 : 0;

      for (const [name, count] of Object.entries(module.meta().activity ?? {})) {
        result.activity[name] = (result.activity[name] ?? 0) + count;
      }
    }

    writeFileSync(this.#file, JSON.stringify(result));
  }
}
