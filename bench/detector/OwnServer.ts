import { PROTOCOL_VERSION } from '../../packages/protocol/src/constants.ts';
import { createAdaptiveDetector } from '../../packages/protocol/src/detector/AdaptiveDetector.ts';
import type { DetectorOptions, PathSilence } from '../../packages/protocol/src/detector/FailureDetector.ts';
import type { LocalHealth } from '../../packages/protocol/src/endpoint/LocalHealth.ts';
import { ServerEndpoint } from '../../packages/protocol/src/endpoint/ServerEndpoint.ts';
import type { Frame, Pong } from '../../packages/protocol/src/frames.ts';
import { toWire } from '../../packages/protocol/src/sequence.ts';
import type { Detector, Judgement } from './Contender.ts';

/** The defaults of the server side. Nothing in the bench waits for so long. */
const FIRST_PONG_TIMEOUT = 15_000;
const FROZEN_TIMEOUT = 60_000;

/** All pings before the answered one arrived. It only matters to the figures of loss, which the bench does not look at. */
const ALL_SEEN = 0xffff_ffff;

/** Our server side, fed with frames instead of bytes: the codec would cost more than all the rest. */
class FrameServer extends ServerEndpoint {
  readonly #pong: Pong = { type: 'pong', seq: 0, token: 0, hold: 0, seen: ALL_SEEN };
  #pings = 0;

  constructor(bounds: DetectorOptions, phase: number, now: number, health: readonly LocalHealth[]) {
    super({
      bounds,
      health,
      detector: createAdaptiveDetector(bounds, 'server'),
      firstPongTimeout: FIRST_PONG_TIMEOUT,
      frozenTimeout: FROZEN_TIMEOUT,
      phase,
      random: () => 0,
      now,
    });
    this.accept(PROTOCOL_VERSION, now);
    this.connected(now);
  }

  /** The time of the latest input, in ms. */
  get now(): number {
    return this.clock.reading(this.clock.latest);
  }

  answered(seq: number, now: number): void {
    const time = this.enter(now);

    this.#pong.seq = toWire(seq);
    this.take(this.#pong, time);
    this.leave(time);
  }

  told(now: number): void {
    const time = this.enter(now);

    this.take({ type: 'hello', instance: 1, hidden: 0, silence: this.bounds.suspectAfter }, time);
    this.leave(time);
  }

  /** The present silence, and how it is weighed. */
  get silence(): PathSilence {
    return this.detector.path;
  }

  takePing(): boolean {
    return this.#pings > 0 && this.#pings-- > 0;
  }

  protected override transmit({ type }: Frame): void {
    this.#pings += type === 'ping' ? 1 : 0;
  }
}

/** Our server side in the bench. */
export class OwnServer implements Detector {
  readonly pingAt = Number.POSITIVE_INFINITY;
  readonly #bounds: DetectorOptions;
  readonly #health: readonly LocalHealth[];
  #endpoint: FrameServer;

  constructor(bounds: DetectorOptions, health: readonly LocalHealth[] = []) {
    this.#bounds = bounds;
    this.#health = health;
    this.#endpoint = new FrameServer(bounds, bounds.interval, 0, health);
  }

  get judgeAt(): number {
    return this.#endpoint.nextTimeout;
  }

  get missed(): number {
    return this.#endpoint.misses ?? 0;
  }

  /** The present silence, and how it is weighed. */
  get silence(): PathSilence {
    return this.#endpoint.silence;
  }

  start(now: number, phase: number): void {
    // No phase is longer than the interval, and the shortest interval in the bench is a second.
    this.#endpoint = new FrameServer(this.#bounds, phase, now, this.#health);
  }

  sent(): void {}

  answered(seq: number, _rtt: number, now: number): void {
    this.#endpoint.answered(seq, now);
  }

  timeout(now: number): void {
    if (now >= this.#endpoint.nextTimeout) {
      this.#endpoint.handleTimeout(now);
    }
  }

  judge(): Judgement {
    return judgementOf(this.#endpoint);
  }

  stalled(from: number, to: number): void {
    this.#endpoint.handleStall(from, to);
  }

  takePing(): boolean {
    return this.#endpoint.takePing();
  }

  takePathProbe(): boolean {
    return this.#endpoint.pollPathProbe();
  }

  path(received: number, now: number): void {
    this.#endpoint.handlePath({ received }, now);
  }

  told(now: number): void {
    this.#endpoint.told(now);
  }
}

/** Tells all events, to nobody, and returns the state. Nobody doubts a peer that was not heard yet. */
export function judgementOf(endpoint: Pick<ServerEndpoint, 'poll' | 'state'>): Judgement {
  for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {}

  const { state } = endpoint;

  return state === 'suspect' || state === 'dead' ? state : 'alive';
}
