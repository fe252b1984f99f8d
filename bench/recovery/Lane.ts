import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BrowserKind } from './browsers.ts';
import type { Job, Played } from './jobs.ts';

const SCRIPT = fileURLToPath(new URL('lane/main.ts', import.meta.url));

/** A process with networks and a browser of its own. */
export class Lane {
  readonly browser: BrowserKind;
  readonly version: string;
  readonly #child: ChildProcess;
  /** Rejects when the process ends. */
  readonly #ended: Promise<never>;

  private constructor(browser: BrowserKind, version: string, child: ChildProcess, ended: Promise<never>) {
    this.browser = browser;
    this.version = version;
    this.#child = child;
    this.#ended = ended;
  }

  /** @param command - Starts a program in a network of its own. */
  static async open(
    [command, args]: readonly [string, string[]],
    browser: BrowserKind,
    script: string,
  ): Promise<Lane> {
    const child = spawn(command, [...args, process.execPath, SCRIPT], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });

    const ended = once(child, 'exit').then(() => {
      throw new Error('the lane has ended');
    });

    ended.catch(() => {});

    try {
      const { version } = await ask<{ version: string }>(child, ended, { browser, script });

      return new Lane(browser, version, child, ended);
    } catch (error) {
      child.disconnect();
      throw error;
    }
  }

  async do(job: Job): Promise<Played> {
    const { result } = await ask<{ result: Played }>(this.#child, this.#ended, { job });

    return result;
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

async function ask<T>(child: ChildProcess, ended: Promise<never>, order: unknown): Promise<T> {
  child.send(order as object);

  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [T | { error: string }];

  if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error(answer.error);

  return answer as T;
}
