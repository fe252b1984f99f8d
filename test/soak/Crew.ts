import { PeerProcess } from '../chaos/peers/PeerProcess.ts';
import type { Life } from './Life.ts';

/** The clients of one process, and the faults of the whole process. A killed process is replaced. */
export class Crew {
  readonly lives = new Set<Life>();
  process = new PeerProcess();

  constructor() {
    this.#watch();
  }

  /** Stops the process for so long. */
  async stop(wait: () => Promise<void>): Promise<void> {
    const { process } = this;
    const stopped = [...this.lives].map(life => ({ life, end: life.block('stop') }));

    process.signal('SIGSTOP');
    await wait();
    process.signal('SIGCONT');

    await Promise.all(
      stopped.map(async ({ life, end }) => {
        end();
        await life.recover();
      }),
    );
  }

  /** Kills the process. Its clients send no goodbye. */
  kill(): void {
    this.process.signal('SIGKILL');

    for (const life of this.lives) {
      life.killed();
    }

    this.process = new PeerProcess();
    this.#watch();
  }

  /** The machine did not let a process run. */
  paused(from: number): void {
    for (const life of this.lives) {
      life.block('pause', from)();
    }
  }

  async close(): Promise<void> {
    await this.process.close();
  }

  #watch(): void {
    this.process.on('paused', ({ from }) => this.paused(from));
  }
}
