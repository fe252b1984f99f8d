import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

const PING_INTERVAL = 25_000;
const PING_TIMEOUT = 20_000;

/** Engine.IO v4: the server pings, and the client has `pingTimeout` to answer; the next ping follows the pong. */
export class EngineIo extends Rival {
  #deadlineAt = Number.POSITIVE_INFINITY;

  start(now: number, phase = 0): void {
    this.pingAt = now + phase;
  }

  override sent(_seq: number, now: number): void {
    this.pingAt = Number.POSITIVE_INFINITY;
    this.#deadlineAt = now + PING_TIMEOUT;
    this.judgeAt = this.#deadlineAt;
  }

  override answered(_seq: number, _rtt: number, now: number): void {
    this.#deadlineAt = Number.POSITIVE_INFINITY;
    this.judgeAt = this.#deadlineAt;
    this.pingAt = now + PING_INTERVAL;
  }

  judge(now: number): Judgement {
    this.judgeAt = now >= this.#deadlineAt ? Number.POSITIVE_INFINITY : this.#deadlineAt;

    return now >= this.#deadlineAt ? 'dead' : 'alive';
  }
}
