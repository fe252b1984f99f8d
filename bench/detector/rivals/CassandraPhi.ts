import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

const GOSSIP_INTERVAL = 1000;
const CONVICT_THRESHOLD = 8;
const SAMPLE_SIZE = 1000;
/** Also the longest interval that counts (fd_max_interval_ms). */
const INITIAL_VALUE = 2 * GOSSIP_INTERVAL;
const PHI_FACTOR = 1 / Math.log(10);
const MAX_LOCAL_PAUSE = 5000;

/**
 * Apache Cassandra, gms/FailureDetector.java: phi with exponential inter-arrival times, checked once a gossip round.
 * After a pause of its own of more than 5 s it convicts nobody for the same time.
 */
export class CassandraPhi extends Rival {
  readonly #samples = new Float64Array(SAMPLE_SIZE);
  #count = 0;
  #sum = 0;
  #lastAt = Number.NaN;
  #interpretedAt = Number.NaN;
  #pausedAt = Number.NEGATIVE_INFINITY;
  #dead = false;

  start(now: number, phase = 0): void {
    this.pingAt = now + phase;
    this.judgeAt = now + phase;
  }

  override sent(_seq: number, now: number): void {
    this.pingAt = now + GOSSIP_INTERVAL;
  }

  override answered(_seq: number, _rtt: number, now: number): void {
    if (Number.isNaN(this.#lastAt)) {
      this.#add(INITIAL_VALUE);
    } else if (now - this.#lastAt <= INITIAL_VALUE) {
      this.#add(now - this.#lastAt);
    }

    this.#lastAt = now;
    this.#dead = false;
  }

  judge(now: number): Judgement {
    if (now >= this.judgeAt) {
      this.judgeAt = now + GOSSIP_INTERVAL;
      this.#interpret(now);
    }

    return this.#dead ? 'dead' : 'alive';
  }

  #interpret(now: number): void {
    const pause = now - this.#interpretedAt;

    this.#interpretedAt = now;

    if (pause > MAX_LOCAL_PAUSE) {
      this.#pausedAt = now;
    } else if (now - this.#pausedAt >= MAX_LOCAL_PAUSE && this.#count > 0) {
      const mean = this.#sum / Math.min(this.#count, SAMPLE_SIZE);

      this.#dead ||= (PHI_FACTOR * (now - this.#lastAt)) / mean > CONVICT_THRESHOLD;
    }
  }

  #add(interval: number): void {
    const slot = this.#count++ % SAMPLE_SIZE;

    this.#sum += interval - (this.#samples[slot] ?? 0);
    this.#samples[slot] = interval;
  }
}
