import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import type { RanTest } from '../../scripts/system/unlinked.ts';

/** How vitest says that the process of a test file was ended by a signal. */
const CRASH = /^Worker exited unexpectedly with signal SIG(SEGV|ABRT|BUS|ILL)/;

/** Tests without a network, a browser or a clock of their own. If one fails, it fails again. */
const REPEATABLE = /^test\/(protocol|docs|packages|provision)\//;

/** If more files fail, something is broken, and to run them all again would only take longer. */
const MAX_AGAIN = 5;

/**
 * Records which tests passed, failed and were skipped, how many these are, and which files `npm test` runs again, alone:
 * - their process crashed: libwebrtc, which plays the client in the tests, is native code, and does that now and then;
 * - or tests of theirs failed that depend on real time and real processes, which a busy machine slows down.
 */
export class TestCounter implements Reporter {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const causes = errors.map(({ cause }) => String((cause as Partial<Error> | undefined)?.message));
    const isBroken = modules.filter(module => !module.ok()).length > MAX_AGAIN;
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const again: string[] = [];
    const failures: string[] = [];
    const tests: RanTest[] = [];
    let isFaultless = causes.every(cause => CRASH.test(cause));

    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId);
      const isCrashed = causes.some(cause => CRASH.test(cause) && cause.endsWith(module.moduleId));

      if (isCrashed || !(module.ok() || isBroken || REPEATABLE.test(file))) {
        const failed = [...module.children.allTests('failed')].map(test => `${file} > ${test.fullName}`);

        again.push(file);
        failures.push(
          ...(isCrashed ? [`${file} (its process crashed)`] : failed.length > 0 ? failed : [file]),
        );
        continue;
      }

      isFaultless &&= module.ok();

      for (const test of module.children.allTests()) {
        const { state } = test.result();
        const { assertions, requirements = [] } = test.meta();

        counts[state]++;
        tests.push({
          file,
          name: test.name,
          fullName: test.fullName,
          state,
          isEmpty: assertions === 0,
          requirements,
        });
      }
    }

    writeFileSync(this.#path, JSON.stringify({ ...counts, again, failures, isFaultless, tests }));
  }
}
