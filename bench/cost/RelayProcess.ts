import { type ChildProcess, fork } from 'node:child_process';
import type { Directions, Passed, RelayNews, RelayOrder } from './messages.ts';

/** The relays between a server and its peers, in a process of their own. */
export class RelayProcess {
  readonly #child: ChildProcess = fork(new URL('relay.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

  constructor() {
    this.#child.setMaxListeners(0);
  }

  /** Opens a relay in front of that port, and returns its own one. */
  async open(serverPort: number, seed: number): Promise<number> {
    const { port } = await this.#ask(
      { kind: 'open', serverPort, seed },
      (news): news is RelayNews & { kind: 'opened' } =>
        news.kind === 'opened' && news.serverPort === serverPort,
    );

    return port;
  }

  /** Loses so much of each direction from now on: fractions. */
  async lose(loss: Directions<number>): Promise<void> {
    await this.#ask(
      { kind: 'lose', loss },
      (news): news is RelayNews & { kind: 'losing' } => news.kind === 'losing',
    );
  }

  /** What has passed so far. */
  async count(): Promise<Directions<Passed>> {
    const { passed } = await this.#ask(
      { kind: 'count' },
      (news): news is RelayNews & { kind: 'counted' } => news.kind === 'counted',
    );

    return passed;
  }

  #ask<N extends RelayNews>(order: RelayOrder, isAnswer: (news: RelayNews) => news is N): Promise<N> {
    return new Promise(resolve => {
      const listener = (news: RelayNews) => {
        if (isAnswer(news)) {
          this.#child.off('message', listener);
          resolve(news);
        }
      };

      this.#child.on('message', listener);
      this.#child.send(order);
    });
  }
}
