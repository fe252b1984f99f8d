import { afterEach, expect } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** How many assertions the test has made: none means that it has checked nothing. */
    assertions?: number;
    /** The requirements of PROTOCOL.md that the test has exercised besides those in its title. */
    requirements?: readonly string[];
  }
}

// For the links between documents and tests: see scripts/system/unlinked.ts.
afterEach(({ task }) => {
  task.meta.assertions = expect.getState().assertionCalls;
});
