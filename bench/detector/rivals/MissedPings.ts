import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

/**
 * Pings once an interval and counts the pings in a row that were not answered by the next: dead at `limit`.
 * The heartbeat that everybody writes first; a detection multiplier in the words of RFC 5880 §6.8.4 (BFD).
 */
export class MissedPings extends Rival {
  readonly #interval: number;
  readonly #limit: number;
  #misses = 0;
  #answered = true;

  constructor(interval: number, limit: number) {
    super();
    this.#interval = interval;
    this.#limit = limit;
  }

  start(now: number, phase = this.#interval): void {
    this.pingAt = now + phase;
  }

  override sent(_seq: number, now: number): void {
    this.#misses = this.#answered ? 0 : this.#misses + 1;
    this.#answered = false;
    this.pingAt = now + this.#interval;
  }

  override answered(): void {
    this.#answered = true;
    this.#misses = 0;
  }

  judge(): Judgement {
    return this.#misses >= this.#limit ? 'dead' : 'alive';
  }
}
