import type { Judgement, PingDetector } from '../../../packages/protocol/src/detector/Detector.ts';

/** What the rivals have in common: none knows of own pauses, of the transport's opinion, or of its trouble. */
export abstract class Rival implements PingDetector {
  pingAt = Number.POSITIVE_INFINITY;
  judgeAt = Number.POSITIVE_INFINITY;
  readonly wantsOpinion = false;
  readonly pathAlive = false;
  readonly missed = 0;
  readonly deadline = 0;
  readonly suspicion = 0;

  abstract start(now: number, phase?: number): void;
  abstract judge(now: number): Judgement;

  sent(_seq: number, _now: number): void {}
  answered(_seq: number, _rtt: number, _now: number): void {}
  /** The peer sent something by itself. */
  heard(_now: number): void {}
  stop(): void {}
  stalled(): void {}
  opinion(): void {}
  trouble(): void {}
}
