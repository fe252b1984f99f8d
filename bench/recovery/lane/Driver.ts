import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Orders } from './driveBrowser.ts';

type Pending = { resolve: (result: never) => void; reject: (error: Error) => void };

const SCRIPT = fileURLToPath(new URL('driveBrowser.ts', import.meta.url));

/** The process that drives the browser, in a network of its own. */
export class Driver {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #id = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, result, error }: { id: number; result: unknown; error?: string }) => {
      const pending = this.#pending.get(id);

      this.#pending.delete(id);
      if (error === undefined) pending?.resolve(result as never);
      else pending?.reject(new Error(error));
    });
  }

  static async start(): Promise<Driver> {
    const child = spawn('unshare', ['--net', process.execPath, SCRIPT], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });

    await once(child, 'message');

    return new Driver(child);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async order<M extends keyof Orders, R = void>(order: M, ...args: Orders[M]): Promise<R> {
    const id = this.#id++;

    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, order, args });
    });
  }
}
