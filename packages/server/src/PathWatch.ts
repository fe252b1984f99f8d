import type { HeartbeatTransport } from './Heartbeat.ts';

/** How often the transport is asked while its view is wanted, in ms. */
const ASK_EVERY = 500;

/**
 * The path is silent when it has been asked so often in a row and nothing had come. Whoever hangs is pinged every 500 ms
 * at the least, but an acknowledgement may be held back for 200 ms (RFC 9260 §6.2), or be lost; and who cannot be reached
 * any more, but is heard, checks the path every 2.5 s only. One gap says nothing.
 */
export const SILENT_ANSWERS = 6;

/**
 * The second opinion: whether a transport still receives anything at all. While a page's main thread hangs,
 * its network stack goes on to acknowledge pings and to check the path, so that `bytesReceived` grows; once
 * the path is cut, it stands still. Asked only while pongs are missing: `getStats()` costs as much as a ping.
 *
 * That it is silent is told late, which delays no death: silence counts from what came last, not from when it is told.
 */
export class PathWatch {
  readonly #transport: HeartbeatTransport;
  readonly #tell: (pathAlive: boolean) => void;
  #bytesReceived: number | undefined;
  #gaps = 0;
  #asking = false;
  #askAt = 0;

  constructor(transport: HeartbeatTransport, tell: (pathAlive: boolean) => void) {
    this.#transport = transport;
    this.#tell = tell;
  }

  /** When the transport wants to be asked next. */
  get askAt(): number {
    return this.#asking ? Number.POSITIVE_INFINITY : this.#askAt;
  }

  /** Asks the transport. The first answer is what later ones are compared with. Comes back when it has answered, or cannot. */
  ask(now: number): Promise<void> {
    this.#asking = true;
    this.#askAt = now + ASK_EVERY;
    return this.#transport.getStats().then(
      ([stats]) => this.#answer(stats?.bytesReceived ?? 0),
      // The transport or its Worker is gone, and will say so itself.
      () => this.reset(),
    );
  }

  /** Forgets what it compares with: nobody asks any more. */
  reset(): void {
    this.#bytesReceived = undefined;
    this.#gaps = 0;
    this.#asking = false;
    this.#askAt = 0;
  }

  #answer(bytesReceived: number): void {
    // A reset since then means that nobody wants to know.
    if (!this.#asking) {
      return;
    }

    const before = this.#bytesReceived;

    this.#asking = false;
    this.#bytesReceived = bytesReceived;

    if (before === undefined) {
      return;
    }

    this.#gaps = bytesReceived > before ? 0 : this.#gaps + 1;

    if (this.#gaps === 0) {
      this.#tell(true);
    } else if (this.#gaps >= SILENT_ANSWERS) {
      this.#tell(false);
    }
  }
}
