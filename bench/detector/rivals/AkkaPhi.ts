import type { Judgement } from '../Contender.ts';
import { Rival } from './Rival.ts';

const HEARTBEAT_INTERVAL = 1000;
const THRESHOLD = 8;
const MAX_SAMPLES = 1000;
const MIN_DEVIATION = 100;
const ACCEPTABLE_PAUSE = 3000;

/** akka.cluster.unreachable-nodes-reaper-interval: phi is looked at, and a node is (un)reachable, only then. */
const REAPER_INTERVAL = 1000;

/** The phase between heartbeats and reaper, as a share of an interval. They are independent. */
const GOLDEN_RATIO = 0.618;

/**
 * Phi accrual (Hayashibara et al. 2004) as in Akka's PhiAccrualFailureDetector.scala with the settings of
 * akka.cluster.failure-detector in its reference.conf: normal inter-arrival times, the logistic approximation
 * of their distribution, history only while available; looked at once in a tick of the reaper (ClusterDaemon.scala).
 */
export class AkkaPhi extends Rival {
  readonly #samples = new Float64Array(MAX_SAMPLES);
  #count = 0;
  #sum = 0;
  #squares = 0;
  #lastAt = Number.NaN;
  #convictAfter = 0;
  #dead = false;

  start(now: number, phase = 0): void {
    this.pingAt = now + phase;
    this.judgeAt = now + ((phase * phase * GOLDEN_RATIO) % REAPER_INTERVAL);
  }

  override sent(_seq: number, now: number): void {
    this.pingAt = now + HEARTBEAT_INTERVAL;
  }

  override answered(_seq: number, _rtt: number, now: number): void {
    if (Number.isNaN(this.#lastAt)) {
      // The first estimate: a mean of one interval with a deviation of a quarter.
      this.#add(HEARTBEAT_INTERVAL * 0.75);
      this.#add(HEARTBEAT_INTERVAL * 1.25);
    } else if (now < this.#lastAt + this.#convictAfter) {
      this.#add(now - this.#lastAt);
    }

    const mean = this.#sum / Math.min(this.#count, MAX_SAMPLES);
    const variance = Math.max(0, this.#squares / Math.min(this.#count, MAX_SAMPLES) - mean * mean);
    const deviation = Math.max(MIN_DEVIATION, Math.sqrt(variance));

    this.#lastAt = now;
    this.#convictAfter = mean + ACCEPTABLE_PAUSE + deviation * DEVIATIONS_AT_THRESHOLD;
  }

  judge(now: number): Judgement {
    if (now >= this.judgeAt) {
      this.#dead = now >= this.#lastAt + this.#convictAfter;
      this.judgeAt = now + REAPER_INTERVAL;
    }

    return this.#dead ? 'dead' : 'alive';
  }

  #add(interval: number): void {
    const slot = this.#count++ % MAX_SAMPLES;
    const old = this.#samples[slot] ?? 0;

    this.#samples[slot] = interval;
    this.#sum += interval - old;
    this.#squares += interval * interval - old * old;
  }
}

/** How many deviations above the mean phi reaches the threshold: solved once, as it is the same always. */
const DEVIATIONS_AT_THRESHOLD = solve();

function solve(): number {
  let low = 0;
  let high = 20;

  for (let round = 0; round < 60; round++) {
    const y = (low + high) / 2;
    const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
    const phi = -Math.log10(e / (1 + e));

    if (phi < THRESHOLD) {
      low = y;
    } else {
      high = y;
    }
  }

  return high;
}
