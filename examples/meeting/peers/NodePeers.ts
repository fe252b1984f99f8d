import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessSignal } from '../signaling/messages.ts';

const SCRIPT = fileURLToPath(new URL('peer.ts', import.meta.url));

const SIGNALS: Record<ProcessSignal, NodeJS.Signals> = {
  kill: 'SIGKILL',
  stop: 'SIGSTOP',
  continue: 'SIGCONT',
  // It closes its page: see peer.ts.
  leave: 'SIGTERM',
};

/** The clients that run in Node: a process each, so that each can be stopped and killed like a real one. */
export class NodePeers {
  readonly #url: string;
  readonly #processes = new Map<number, ChildProcess>();
  readonly #pids = new Map<string, number>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Starts a client. With `media` it sends audio, without it never sends RTP. */
  start(name: string, { media = false } = {}): void {
    const child = spawn(process.execPath, [SCRIPT, this.#url, name, ...(media ? ['--media'] : [])], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });

    if (child.pid !== undefined) {
      this.#processes.set(child.pid, child);
      child.on('exit', () => this.#processes.delete(child.pid as number));
    }
  }

  /** Whether the process is one of these. Other processes cannot be stopped or killed. */
  has(pid: number | undefined): boolean {
    return pid !== undefined && this.#processes.has(pid);
  }

  /** Notes which client a process is. */
  name(pid: number, peerId: string): void {
    this.#pids.set(peerId, pid);
  }

  /** Stops, continues or kills the process of a client. */
  signal(peerId: string, signal: ProcessSignal): void {
    const child = this.#processes.get(this.#pids.get(peerId) ?? 0);

    if (child === undefined) {
      throw new Error('This client has no process here. Only clients in Node can be stopped and killed.');
    }

    child.kill(SIGNALS[signal]);
  }

  /** Kills all of them, even those that are stopped. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#processes.values()].map(child => {
        const gone = once(child, 'exit');

        child.kill('SIGKILL');

        return gone;
      }),
    );
  }
}
