import { MAX_TICKS, PROTOCOL_VERSION } from '../../packages/protocol/src/constants.ts';
import { createAdaptiveDetector } from '../../packages/protocol/src/detector/AdaptiveDetector.ts';
import type { DetectorOptions } from '../../packages/protocol/src/detector/FailureDetector.ts';
import { ClientEndpoint } from '../../packages/protocol/src/endpoint/ClientEndpoint.ts';
import type { Frame, Ping } from '../../packages/protocol/src/frames.ts';
import { toWire } from '../../packages/protocol/src/sequence.ts';
import type { AnsweringDetector, Judgement } from './Contender.ts';
import { judgementOf } from './OwnServer.ts';

/** The default of the client side. The bench begins with the first ping. */
const FIRST_PING_TIMEOUT = 15_000;

/** Our client side, fed with frames instead of bytes. */
class FrameClient extends ClientEndpoint {
  /** Acknowledges nothing: the bench looks neither at the client's RTT nor at its figures of loss. */
  readonly #ping: Ping = { type: 'ping', seq: 0, token: 0, ack: 0, ackHold: MAX_TICKS, pongs: 0 };

  #hasSaid = false;

  constructor(bounds: DetectorOptions, isHidden: boolean, now: number) {
    super({
      bounds,
      detector: createAdaptiveDetector(bounds, 'client'),
      version: PROTOCOL_VERSION,
      firstPingTimeout: FIRST_PING_TIMEOUT,
      instance: 1,
      now,
    });
    this.setHidden(isHidden, now);
    this.opened(now);
  }

  arrived(seq: number, now: number): void {
    const time = this.enter(now);

    this.#ping.seq = toWire(seq);
    this.take(this.#ping, time);
    this.leave(time);
  }

  takeWord(): boolean {
    const hasSaid = this.#hasSaid;

    this.#hasSaid = false;

    return hasSaid;
  }

  protected override transmit(frame: Frame): void {
    this.#hasSaid ||= frame.type === 'hello' && frame.silence !== undefined;
  }
}

/** Our client side in the bench. */
export class OwnClient implements AnsweringDetector {
  readonly #bounds: DetectorOptions;
  readonly #isHidden: boolean;
  #endpoint: FrameClient | undefined;

  constructor(bounds: DetectorOptions, isHidden: boolean) {
    this.#bounds = bounds;
    this.#isHidden = isHidden;
  }

  get judgeAt(): number {
    return this.#endpoint?.nextTimeout ?? Number.POSITIVE_INFINITY;
  }

  arrived(seq: number, now: number): void {
    this.#endpoint ??= new FrameClient(this.#bounds, this.#isHidden, now);
    this.#endpoint.arrived(seq, now);
  }

  timeout(now: number): void {
    if (now >= this.judgeAt) {
      this.#endpoint?.handleTimeout(now);
    }

    // While pings are missing, nothing else comes either.
    if (this.#endpoint?.pollPathProbe()) {
      this.#endpoint.handlePath({ received: 0 }, now);
    }
  }

  takeWord(): boolean {
    return this.#endpoint?.takeWord() ?? false;
  }

  judge(): Judgement {
    return this.#endpoint === undefined ? 'alive' : judgementOf(this.#endpoint);
  }
}
