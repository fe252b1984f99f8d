import { type ChildProcess, fork } from 'node:child_process';
import type { Kind, Mode, ServerNews, ServerOrder, Summary, Window } from './messages.ts';

/** A server with its worker and its peers, each in a process of its own. */
export class Fleet {
  readonly #child: ChildProcess;

  private constructor(kind: Kind, peers: number) {
    this.#child = fork(new URL('server.ts', import.meta.url), [kind, String(peers)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** Starts it, and returns when all peers have joined. */
  static async start(kind: Kind, peers: number): Promise<Fleet> {
    const fleet = new Fleet(kind, peers);

    await fleet.#until('ready');

    return fleet;
  }

  /** Lets it do that for so long, and measures it. */
  async measure(mode: Mode, seconds: number): Promise<Window> {
    this.#child.send({ mode, seconds } satisfies ServerOrder);

    return (await this.#until('window')).window;
  }

  /** What it measured as its peers joined, and now. */
  async summary(): Promise<Summary> {
    this.#child.send('summary');

    return (await this.#until('summary')).summary;
  }

  close(): void {
    this.#child.disconnect();
  }

  #until<K extends ServerNews['kind']>(kind: K): Promise<ServerNews & { kind: K }> {
    return new Promise((resolve, reject) => {
      const exit = (code: number | null) => reject(new Error(`a server of the bench has ended (${code})`));

      this.#child.once('exit', exit);
      this.#child.once('message', (news: ServerNews) => {
        this.#child.off('exit', exit);

        if (news.kind === kind) {
          resolve(news as ServerNews & { kind: K });
        } else {
          reject(new Error(`${news.kind} instead of ${kind}`));
        }
      });
    });
  }
}
