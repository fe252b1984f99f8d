import type {
  ArrivalDetector,
  Judgement,
  PingDetector,
} from '../../packages/protocol/src/detector/Detector.ts';

/**
 * The plainest detector there can be: suspect after a fixed silence, dead after another. The tests of the two
 * halves use it, so that they do not depend on what the real one learns, and show that it can be replaced.
 */
export class FixedDetector implements PingDetector, ArrivalDetector {
  pingAt = Number.POSITIVE_INFINITY;
  wantsOpinion = false;
  pathAlive = false;
  missed = 0;
  suspicion = 0;
  readonly deadline: number;
  readonly #interval: number;
  readonly #suspectAfter: number;
  readonly #deadAfter: number;
  #heardAt = Number.POSITIVE_INFINITY;
  #troubled = false;

  constructor(interval = 1000, suspectAfter = 1500, deadAfter = 5000) {
    this.#interval = interval;
    this.#suspectAfter = suspectAfter;
    this.#deadAfter = deadAfter;
    this.deadline = suspectAfter;
  }

  get judgeAt(): number {
    const suspectAt = this.#heardAt + this.#suspectAfter;

    return this.#judgement === 'suspect'
      ? this.#heardAt + this.#deadAfter
      : this.#judgement === 'dead'
        ? Number.POSITIVE_INFINITY
        : suspectAt;
  }

  #judgement: Judgement = 'alive';

  start(now: number): void {
    this.#heardAt = now;
    this.#judgement = 'alive';
    this.pingAt = now;
  }

  stop(): void {
    this.pingAt = Number.POSITIVE_INFINITY;
    this.#heardAt = Number.POSITIVE_INFINITY;
  }

  sent(_seq: number, now: number): void {
    this.pingAt = now + this.#interval;
  }

  answered(_seq: number, _rtt: number, now: number): void {
    this.arrived(0, now);
  }

  arrived(_seq: number, now: number): void {
    this.#heardAt = now;
    this.#troubled = false;
    this.wantsOpinion = false;
    this.pathAlive = false;
  }

  stalled(_from: number, to: number): void {
    this.#heardAt = Math.max(this.#heardAt, to);
  }

  opinion(pathAlive: boolean): void {
    this.pathAlive = pathAlive;
  }

  trouble(): void {
    this.#troubled = true;
  }

  judge(now: number): Judgement {
    const silence = now - this.#heardAt;

    this.#judgement =
      silence >= this.#deadAfter
        ? 'dead'
        : silence >= this.#suspectAfter || this.#troubled
          ? 'suspect'
          : 'alive';
    this.wantsOpinion = this.#judgement === 'suspect';

    return this.#judgement;
  }
}
