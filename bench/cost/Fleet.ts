import { type ChildProcess, fork } from 'node:child_process';
import type { Kind, Results, ServerNews, ServerOrder } from './messages.ts';

/** What a server has besides its peers. All may be left out. */
export type FleetOptions = {
  /** Whether a relay is on the path of each peer. Default: false. */
  relayed?: boolean;
  /** Loads this module first, in the process of the server only. */
  preload?: URL;
};

/** A server with its worker and its peers, each in a process of its own. */
export class Fleet {
  readonly #child: ChildProcess;

  private constructor(kind: Kind, peers: number, { relayed = false, preload }: FleetOptions) {
    this.#child = fork(
      new URL('server.ts', import.meta.url),
      [kind, String(peers), relayed ? 'relayed' : 'direct'],
      {
        execArgv: ['--expose-gc', ...(preload === undefined ? [] : ['--import', preload.href])],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
  }

  /** Starts it, and returns when all peers have joined. */
  static async start(kind: Kind, peers: number, options: FleetOptions = {}): Promise<Fleet> {
    const fleet = new Fleet(kind, peers, options);

    await fleet.#news();

    return fleet;
  }

  /** Lets it do that, and returns what it measured. */
  async measure<O extends ServerOrder>(order: O): Promise<Results[O['kind']]> {
    this.#child.send(order);

    return (await this.#news()) as Results[O['kind']];
  }

  /** Ends it, and returns when its process is gone. */
  async end(): Promise<void> {
    const ended = new Promise(resolve => this.#child.once('exit', resolve));

    this.#child.disconnect();
    await ended;
  }

  #news(): Promise<ServerNews> {
    return new Promise((resolve, reject) => {
      const exit = (code: number | null) => reject(new Error(`a server of the bench has ended (${code})`));

      this.#child.once('exit', exit);
      this.#child.once('message', (news: ServerNews) => {
        this.#child.off('exit', exit);
        resolve(news);
      });
    });
  }
}
