import { afterAll } from 'vitest';

/** What a side of the heartbeat did, counted by name: the proof that it was active. */
export type Activity = Record<string, number>;

declare module 'vitest' {
  interface TaskMeta {
    activity?: Activity;
  }
}

const activity: Activity = {};

/** Counts what the heartbeat did. */
export function count(what: string): void {
  activity[what] = (activity[what] ?? 0) + 1;
}

// Of the test file, for the reporter.
// biome-ignore lint/correctness/noEmptyPattern: vitest wants a pattern
afterAll(({}, suite) => {
  suite.meta.activity = activity;
});
