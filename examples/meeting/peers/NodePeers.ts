import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessSignal } from '../signaling/messages.ts';
import type { PeerReport, PeerRequest } from './PeerReport.ts';

const SCRIPT = fileURLToPath(new URL('peer.ts', import.meta.url));

/** What can be done to a process. */
type Signal = ProcessSignal | 'stop';

const SIGNALS: Record<Signal, NodeJS.Signals> = {
  kill: 'SIGKILL',
  stop: 'SIGSTOP',
  // It closes its page: see peer.ts.
  leave: 'SIGTERM',
};

/** The clients that run in Node: a process each, so that each can be stopped and killed like a real one. */
export class NodePeers {
  readonly #url: string;
  readonly #processes = new Map<number, ChildProcess>();
  readonly #pids = new Map<string, number>();
  /** The latest process of each name, and whether it sends media. */
  readonly #started = new Map<string, { child: ChildProcess; media: boolean }>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Starts a client. With `media` it sends audio, without it never sends RTP. */
  start(name: string, { media = false } = {}): void {
    const child = spawn(process.execPath, [SCRIPT, this.#url, name, ...(media ? ['--media'] : [])], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });

    this.#started.set(name, { child, media });

    if (child.pid !== undefined) {
      this.#processes.set(child.pid, child);
      child.on('exit', () => this.#processes.delete(child.pid as number));
    }
  }

  /** Starts a client again, by its name. A process of it that still runs is killed. */
  restart(name: string): void {
    const previous = this.#started.get(name);

    if (previous === undefined) {
      throw new Error(`No client in Node is called ${name}.`);
    }

    previous.child.kill('SIGKILL');
    this.start(name, { media: previous.media });
  }

  /** The names of the clients whose process has ended. */
  get absent(): string[] {
    return [...this.#started]
      .filter(([, { child }]) => child.exitCode !== null || child.signalCode !== null)
      .map(([name]) => name);
  }

  /** Whether the process is one of these. Other processes cannot be stopped or killed. */
  has(pid: number | undefined): boolean {
    return pid !== undefined && this.#processes.has(pid);
  }

  /** Notes which client a process is. */
  name(pid: number, peerId: string): void {
    this.#pids.set(peerId, pid);
  }

  /** Stops or ends the process of a client. */
  signal(peerId: string, signal: Signal): void {
    this.#child(peerId).kill(SIGNALS[signal]);
  }

  /** Continues the process of a client, if it still has one. */
  wake(peerId: string): void {
    this.#processes.get(this.#pids.get(peerId) ?? 0)?.kill('SIGCONT');
  }

  /** Calls back with what a client reports. Its network is not involved. */
  listen(peerId: string, listener: (report: PeerReport) => void): void {
    this.#child(peerId).on('message', listener);
  }

  /** Asks something of a client. Its network is not involved. */
  ask(peerId: string, request: PeerRequest): void {
    this.#child(peerId).send(request);
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

  #child(peerId: string): ChildProcess {
    const child = this.#processes.get(this.#pids.get(peerId) ?? 0);

    if (child === undefined) {
      throw new Error('This client has no process here. Only clients in Node can be stopped and killed.');
    }

    return child;
  }
}
