import { afterEach, expect } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** How many assertions the test has made: none means that it has checked nothing. Tests that run at the same time are not counted. */
    assertions?: number;
    /** The requirements of PROTOCOL.md that the test has exercised besides those in its title. */
    requirements?: readonly string[];
  }
}

// For the links between documents and tests: see scripts/system/unlinked.ts.
afterEach(({ task }) => {
  // Each of those that run at the same time begins to count anew for all of them.
  if (!task.concurrent) {
    task.meta.assertions = expect.getState().assertionCalls;
  }
});
