import { BulkFlow, type Congestion } from '@mediasoup-heartbeat/protocol';
import type { HeartbeatTransport } from './Heartbeat.ts';

type TransportStats = Awaited<ReturnType<HeartbeatTransport['getStats']>>[number];

/** How often the transport is asked while its view is wanted, in ms. The second time sooner: only then it can be compared. */
const ASK_EVERY = 500;
const ASK_AGAIN = 250;

/** How often what moves is looked at while nothing is wrong but a queue, in ms. */
const GLANCE_EVERY = 8000;

/** RTP is counted without what its encryption adds: up to so much of it, in short audio packets. */
const SRTP = 1.15;

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
  readonly #buffered: () => Promise<number>;
  readonly #tell: (pathAlive: boolean | undefined, congestion: Congestion) => void;
  readonly #flow = new BulkFlow();
  #bytesReceived: number | undefined;
  #gaps = 0;
  #asking = false;
  #askAt = 0;
  #glanceAt = 0;

  /**
   * @param tell - Told of each answer.
   * @param buffered - How many bytes of the heartbeat's own still wait for SCTP.
   */
  constructor(
    transport: HeartbeatTransport,
    tell: (pathAlive: boolean | undefined, congestion: Congestion) => void,
    buffered: () => Promise<number>,
  ) {
    this.#transport = transport;
    this.#buffered = buffered;
    this.#tell = tell;
  }

  /** When the transport wants to be asked next. */
  get askAt(): number {
    return this.#asking ? Number.POSITIVE_INFINITY : this.#askAt;
  }

  /** Asks the transport. The first answer is what later ones are compared with. Comes back when it has answered, or cannot. */
  ask(now: number): Promise<void> {
    this.#asking = true;
    this.#askAt = now + (this.#bytesReceived === undefined ? ASK_AGAIN : ASK_EVERY);

    return Promise.all([this.#transport.getStats(), this.#buffered()]).then(
      ([[stats], buffered]) =>
        this.#answer(stats?.bytesReceived ?? 0, {
          waiting: buffered > 0,
          bulk: stats !== undefined && this.#flow.grewTo(dataBytes(stats), now),
        }),
      // The transport or its Worker is gone, and will say so itself.
      () => this.reset(),
    );
  }

  /** Looks now and then how much moves, where round trips are long by a queue, to know it once answers are missing. */
  glance(now: number): void {
    if (now >= this.#glanceAt) {
      this.#glanceAt = now + GLANCE_EVERY;
      this.#transport.getStats().then(
        ([stats]) => stats !== undefined && this.#flow.grewTo(dataBytes(stats), now),
        // It is gone, and will say so itself.
        () => {},
      );
    }
  }

  /** Forgets what it compares with: nobody asks any more. */
  reset(): void {
    this.#bytesReceived = undefined;
    this.#gaps = 0;
    this.#asking = false;
    this.#askAt = 0;
  }

  #answer(bytesReceived: number, congestion: Congestion): void {
    // A reset since then means that nobody wants to know.
    if (!this.#asking) {
      return;
    }

    const before = this.#bytesReceived;

    this.#asking = false;
    this.#bytesReceived = bytesReceived;

    if (before === undefined) {
      // Whether it is alive is not known yet. What has moved since somebody asked last is.
      this.#tell(undefined, congestion);
      return;
    }

    this.#gaps = bytesReceived > before ? 0 : this.#gaps + 1;

    if (this.#gaps === 0) {
      this.#tell(true, congestion);
    } else if (this.#gaps >= SILENT_ANSWERS) {
      this.#tell(false, {});
    }
  }
}

/** Bytes over the transport, both ways, that are not RTP: all but a little of it is SCTP. */
function dataBytes(stats: TransportStats): number {
  const rtp =
    stats.rtpBytesReceived +
    stats.rtxBytesReceived +
    stats.rtpBytesSent +
    stats.rtxBytesSent +
    stats.probationBytesSent;

  return stats.bytesReceived + stats.bytesSent - SRTP * rtp;
}
