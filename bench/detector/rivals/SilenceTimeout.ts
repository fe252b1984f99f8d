import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

/** What a fixed timeout watches, and when. Times in ms. */
export type TimeoutSpec = {
  /** Dead after this silence. */
  timeout: number;
  /** Pings this often. Left out: does not ping, but counts the client's own traffic. */
  ping?: number;
  /** Checks only this often. Left out: a timer of its own. */
  poll?: number;
};

/** Dead after a fixed silence, of pongs or of the client's own traffic. */
export class SilenceTimeout extends Rival {
  readonly #spec: TimeoutSpec;
  #heardAt = 0;
  #dead = false;

  constructor(spec: TimeoutSpec) {
    super();
    this.#spec = spec;
  }

  start(now: number, phase = 0): void {
    this.#heardAt = now;
    this.pingAt = this.#spec.ping === undefined ? Number.POSITIVE_INFINITY : now + phase;
    this.judgeAt = now + (this.#spec.poll === undefined ? this.#spec.timeout : phase);
  }

  override sent(_seq: number, now: number): void {
    this.pingAt = now + (this.#spec.ping ?? Number.POSITIVE_INFINITY);
  }

  override answered(_seq: number, _rtt: number, now: number): void {
    this.heard(now);
  }

  override heard(now: number): void {
    this.#heardAt = now;

    if (this.#spec.poll === undefined) {
      this.#dead = false;
      this.judgeAt = now + this.#spec.timeout;
    }
  }

  judge(now: number): Judgement {
    if (now >= this.judgeAt) {
      this.#dead = now - this.#heardAt >= this.#spec.timeout;
      this.judgeAt = now + (this.#spec.poll ?? this.#spec.timeout);
    }

    return this.#dead ? 'dead' : 'alive';
  }
}
