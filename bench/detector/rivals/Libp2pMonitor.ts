import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

const PING_INTERVAL = 10_000;
const TIMEOUT_MULTIPLIER = 1.2;
const FAILURE_MULTIPLIER = 2;
const MIN_TIMEOUT = 5000;
const MAX_TIMEOUT = 60_000;
/** Time constant of its moving average. */
const AVERAGED_OVER = 5000;

/**
 * js-libp2p, packages/libp2p/src/connection-monitor.ts with packages/utils/src/adaptive-timeout.ts: one ping
 * every 10 s, and the connection is aborted when one is not answered within 1.2 times the moving average of
 * the earlier ones, at least 5 s.
 */
export class Libp2pMonitor extends Rival {
  #average = 0;
  #averagedAt = Number.NaN;
  #seq = 0;
  #sentAt = 0;
  #timeout = MIN_TIMEOUT;
  #dead = false;

  start(now: number, phase = 0): void {
    this.pingAt = now + phase;
  }

  override sent(seq: number, now: number): void {
    this.#seq = seq;
    this.#timeout = Math.min(MAX_TIMEOUT, Math.max(MIN_TIMEOUT, this.#average * TIMEOUT_MULTIPLIER));
    this.#sentAt = now;
    this.pingAt = now + PING_INTERVAL;
    this.judgeAt = now + this.#timeout;
  }

  override answered(seq: number, rtt: number, now: number): void {
    this.#dead = false;

    if (seq === this.#seq) {
      this.judgeAt = Number.POSITIVE_INFINITY;
      this.#push(rtt, now);
    }
  }

  judge(now: number): Judgement {
    if (now >= this.judgeAt) {
      this.judgeAt = Number.POSITIVE_INFINITY;
      this.#push((now - this.#sentAt) * FAILURE_MULTIPLIER, now);
      this.#dead = true;
    }

    return this.#dead ? 'dead' : 'alive';
  }

  #push(value: number, now: number): void {
    const weight = Number.isNaN(this.#averagedAt)
      ? 1
      : 1 - Math.exp(-(now - this.#averagedAt) / AVERAGED_OVER);

    this.#average += weight * (value - this.#average);
    this.#averagedAt = now;
  }
}
