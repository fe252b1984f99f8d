import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { BrowserName } from './browsers.ts';
import { type Job, keyOf, type Result } from './jobs.ts';
import type { Done } from './runJobs.ts';

type Line = { result: Result; version: string };

/** Results of a run, a line each, written as they come: an interrupted run goes on where it was. */
export class ResultFile {
  readonly #path: string | undefined;

  /** @param path - Without it nothing is kept. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** What is in the file. */
  read(): Done {
    const lines =
      this.#path !== undefined && existsSync(this.#path)
        ? readFileSync(this.#path, 'utf8').trim().split('\n').filter(Boolean)
        : [];
    const kept = lines.map(line => JSON.parse(line) as Line);
    const versions: Partial<Record<BrowserName, string>> = Object.fromEntries(
      kept.map(({ result, version }) => [result.browser, version]),
    );

    return { results: kept.map(({ result }) => result), versions, failures: [], left: 0 };
  }

  add(result: Result, version: string): void {
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify({ result, version })}\n`);
  }
}

/** The jobs without those that have a result, each result for one job. */
export function without(jobs: readonly Job[], results: readonly Job[]): Job[] {
  const had = new Map<string, number>();

  for (const result of results) had.set(keyOf(result), (had.get(keyOf(result)) ?? 0) + 1);

  return jobs.filter(job => {
    const left = had.get(keyOf(job)) ?? 0;

    had.set(keyOf(job), left - 1);

    return left <= 0;
  });
}
