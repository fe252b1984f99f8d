import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** How vitest says that the process of a test file was ended by a signal. */
const CRASH = /^Worker exited unexpectedly with signal SIG(SEGV|ABRT|BUS|ILL)/;

/**
 * Records how many tests passed, failed and were skipped, and which files crashed: libwebrtc, which plays the client in the
 * tests, is native code, and now and then crashes its process. `npm test` runs these files again.
 */
export class TestCounter implements Reporter {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const causes = errors.map(({ cause }) => String((cause as Partial<Error> | undefined)?.message));
    const crashed: string[] = [];

    for (const module of modules) {
      if (causes.some(cause => CRASH.test(cause) && cause.endsWith(module.moduleId))) {
        crashed.push(relative(process.cwd(), module.moduleId));
        continue;
      }

      for (const test of module.children.allTests()) {
        counts[test.result().state]++;
      }
    }

    const isFaultless = counts.failed === 0 && causes.every(cause => CRASH.test(cause));

    writeFileSync(this.#path, JSON.stringify({ ...counts, crashed, isFaultless }));
  }
}
