import { type ChildProcess, fork } from 'node:child_process';
import type { types } from 'mediasoup';
import type { PeerNews, PeerOrder } from './messages.ts';

/** How many libwebrtc peers a process has at most. */
const PER_PROCESS = 250;

/** The peers of a server, in processes of their own. */
export class PeerProcesses {
  readonly #processes: readonly ChildProcess[];
  readonly #connecting = new Map<number, (dtlsParameters: types.DtlsParameters) => void>();
  readonly #ready = new Map<number | undefined, () => void>();

  constructor(peers: number) {
    this.#processes = Array.from({ length: Math.ceil(peers / PER_PROCESS) }, () => {
      const child = fork(new URL('peers.ts', import.meta.url), {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });

      child.on('message', (news: PeerNews) => this.#take(news));

      return child;
    });
  }

  /** Lets a peer connect, and returns when its channel is open. */
  async connect(
    order: PeerOrder & { kind: 'connect' },
    connect: (dtlsParameters: types.DtlsParameters) => Promise<void>,
  ): Promise<void> {
    const { index } = order;
    const ready = this.#untilReady(index);
    const child = this.#processes[Math.floor(index / PER_PROCESS)];

    this.#connecting.set(index, async dtlsParameters => {
      await connect(dtlsParameters);
      child?.send({ kind: 'connected', index } satisfies PeerOrder);
    });
    child?.send(order);
    await ready;
    this.#connecting.delete(index);
  }

  /** Lets the first process be all peers of another kind, and returns when they are connected. */
  async be(order: PeerOrder & { kind: 'ws' | 'socket.io' }): Promise<void> {
    const ready = this.#untilReady(undefined);

    this.#processes[0]?.send(order);
    await ready;
  }

  #take(news: PeerNews): void {
    if (news.kind === 'connect') {
      this.#connecting.get(news.index)?.(news.dtlsParameters);
    } else {
      this.#ready.get(news.index)?.();
      this.#ready.delete(news.index);
    }
  }

  #untilReady(index: number | undefined): Promise<void> {
    return new Promise(resolve => this.#ready.set(index, resolve));
  }
}
