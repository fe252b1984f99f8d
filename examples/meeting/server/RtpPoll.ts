import type { types } from 'mediasoup';
import { now } from '../clock.ts';
import type { Verdict } from '../signaling/messages.ts';

/** How often the transport is asked, in ms. */
const EVERY = 1000;

/** A client without RTP for so long is dead for this judge, in ms: about as fast as the heartbeat. */
const DEAD_AFTER = 5000;

/**
 * Judges a client as applications without a heartbeat do: they poll `transport.getStats()` and take a client for dead
 * whose RTP stands still. Only RTP counts here, because the heartbeat's own bytes would keep `bytesReceived` growing.
 */
export class RtpPoll {
  readonly #transport: types.WebRtcTransport;
  readonly #timer = setInterval(() => this.#poll(), EVERY);
  #bytes = 0;
  #grewAt = now();
  verdict: Verdict = { state: 'alive', at: now() };

  constructor(transport: types.WebRtcTransport) {
    this.#transport = transport;
    transport.observer.once('close', () => clearInterval(this.#timer));
  }

  async #poll(): Promise<void> {
    // The transport was closed meanwhile.
    const [stats] = await this.#transport.getStats().catch(() => []);

    if (stats === undefined) {
      return;
    }

    if (stats.rtpBytesReceived > this.#bytes) {
      this.#bytes = stats.rtpBytesReceived;
      this.#grewAt = now();
    }

    const state = now() - this.#grewAt > DEAD_AFTER ? 'dead' : 'alive';

    if (state !== this.verdict.state) {
      this.verdict = { state, at: now() };
    }
  }
}
