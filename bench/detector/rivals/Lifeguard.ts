import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

const PROBE_INTERVAL = 1000;
/** suspicionMult × probeInterval: what suspicion.go comes to where no third node could confirm. */
const SUSPICION_TIMEOUT = 4 * PROBE_INTERVAL;
const MAX_AWARENESS = 8;

/**
 * SWIM (Das et al. 2002) with Lifeguard (Dadgar et al. 2018) as in hashicorp/memberlist, DefaultLANConfig, for
 * two nodes: no indirect probes, and no TCP ping, as there is one path only. A failed probe makes the peer
 * suspect and the own health score worse, which stretches the time that a probe may take; an answer refutes.
 *
 * Probes start at the ticks of a Go ticker, which keeps one tick for a late reader (state.go, triggerFunc and
 * probeNode): after an answer the next probe waits for the next tick, after a failure it starts at once.
 */
export class Lifeguard extends Rival {
  #score = 0;
  /** The first tick after the start of the present probe. */
  #tickAt = 0;
  #probeEndsAt = Number.POSITIVE_INFINITY;
  #suspectedAt = Number.NaN;
  #answered = true;
  #probing = -1;

  start(now: number, phase = 0): void {
    this.pingAt = now + phase;
    this.#tickAt = this.pingAt;
  }

  override sent(seq: number, now: number): void {
    this.#fail(now);
    this.#probing = seq;
    this.#answered = false;

    while (this.#tickAt <= now) {
      this.#tickAt += PROBE_INTERVAL;
    }

    this.#probeEndsAt = now + PROBE_INTERVAL * (this.#score + 1);
    this.pingAt = this.#probeEndsAt;
    this.#plan();
  }

  override answered(seq: number, _rtt: number, now: number): void {
    if (seq === this.#probing && !this.#answered) {
      this.#answered = true;
      this.#score = Math.max(0, this.#score - 1);
      this.pingAt = Math.max(now, this.#tickAt);
      this.#suspectedAt = Number.NaN;
      this.#plan();
    }
  }

  judge(now: number): Judgement {
    this.#fail(now);
    this.#plan();

    if (Number.isNaN(this.#suspectedAt)) {
      return 'alive';
    }

    if (now >= this.#suspectedAt + SUSPICION_TIMEOUT) {
      this.judgeAt = Number.POSITIVE_INFINITY;
      return 'dead';
    }

    return 'suspect';
  }

  /** The probe failed, if its time is up. */
  #fail(now: number): void {
    if (now >= this.#probeEndsAt && !this.#answered) {
      this.#probeEndsAt = Number.POSITIVE_INFINITY;
      this.#score = Math.min(MAX_AWARENESS - 1, this.#score + 1);

      if (Number.isNaN(this.#suspectedAt)) {
        this.#suspectedAt = now;
      }
    }
  }

  #plan(): void {
    const deadAt = Number.isNaN(this.#suspectedAt)
      ? Number.POSITIVE_INFINITY
      : this.#suspectedAt + SUSPICION_TIMEOUT;

    this.judgeAt = Math.min(deadAt, this.#answered ? Number.POSITIVE_INFINITY : this.#probeEndsAt);
  }
}
