import type { Detector, Judgement } from '../Contender.ts';

/** What the rivals have in common: none knows of own stalls, or of what the network stack hears. */
export abstract class Rival implements Detector {
  pingAt = Number.POSITIVE_INFINITY;
  judgeAt = Number.POSITIVE_INFINITY;
  readonly missed = 0;

  abstract start(now: number, phase?: number): void;
  abstract judge(now: number): Judgement;

  sent(_seq: number, _now: number): void {}
  answered(_seq: number, _rtt: number, _now: number): void {}
  /** The peer sent something by itself. */
  heard(_now: number): void {}
  timeout(): void {}
  stalled(): void {}
  takePing(): boolean {
    return false;
  }
  takePathProbe(): boolean {
    return false;
  }
  path(): void {}
}
