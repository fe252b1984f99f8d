import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Records how many tests passed, failed and were skipped. `npm test` adds up several runs. */
export class TestCounter implements Reporter {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };

    for (const module of modules) {
      for (const test of module.children.allTests()) {
        counts[test.result().state]++;
      }
    }

    writeFileSync(this.#path, JSON.stringify(counts));
  }
}
