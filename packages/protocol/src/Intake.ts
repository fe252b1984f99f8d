import { decodeFrame } from './codec.ts';
import { FrameBudget } from './FrameBudget.ts';
import { FrameError } from './FrameError.ts';
import type { Frame } from './frames.ts';

/** What becomes of what comes off the wire. Only `frame` may throw. */
export type IntakeHost = {
  /** A well-formed frame. Throws a {@link FrameError} where the frame cannot be right at this time. */
  frame(frame: Frame, now: number): void;
  /** The first frame had to be dropped. Told once: the rest is counted. */
  dropped(error: FrameError): void;
  /** `frame` threw something else: our own fault, and nothing that the peer is judged by. Told once: the rest is counted. [HB-SEC-5] */
  failed(error: Error): void;
  /** The peer broke the protocol beyond what is accepted. Told once: nothing of it is read any more. */
  violation(now: number): void;
};

/** The gate that every message of a peer comes through, on either half: bounded, decoded, or dropped and counted. */
export class Intake {
  readonly #host: IntakeHost;
  readonly #budget: FrameBudget;
  #malformed = 0;
  #internalErrors = 0;
  #violated = false;

  /** @param waitingPerSecond - How many frames an honest peer sends of its own accord, see {@link FrameBudget}. */
  constructor(now: number, waitingPerSecond: number, host: IntakeHost) {
    this.#host = host;
    this.#budget = new FrameBudget(now, waitingPerSecond);
  }

  /** How many frames were dropped. */
  get malformed(): number {
    return this.#malformed;
  }

  /** How many frames could not be handled by a fault of our own. */
  get internalErrors(): number {
    return this.#internalErrors;
  }

  /** Whether the peer is not read any more. */
  get violated(): boolean {
    return this.#violated;
  }

  /** The peer was asked for an answer: a frame more may arrive, whenever that is. */
  expectFrame(): void {
    this.#budget.expectFrame();
  }

  /** Of what the peer sent more than `ago` ms ago everything has been read. Since then it was asked for `frames`. */
  caughtUp(ago: number, frames = 0): void {
    this.#budget.caughtUp(ago, frames);
  }

  /** Takes a message. Never throws, whatever it is. */
  take(bytes: Uint8Array, version: number, now: number): void {
    if (this.#violated) {
      return;
    }

    if (!this.#budget.charge(bytes.length, now)) {
      this.#violate(now);
      return;
    }

    try {
      this.#host.frame(decodeFrame(bytes, version), now);
    } catch (error) {
      if (error instanceof FrameError) {
        this.#drop(error, now);
      } else if (this.#internalErrors++ === 0) {
        this.#host.failed(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /**
   * Charges more for the frame under way: it changes the verdict by a mere word, as people do who leave and come
   * back, but seldom.
   *
   * @returns whether the budget covered it
   */
  bearsChange(now: number): boolean {
    if (this.#budget.chargeChange()) {
      return true;
    }

    this.#violate(now);

    return false;
  }

  #drop(error: FrameError, now: number): void {
    if (this.#malformed++ === 0) {
      this.#host.dropped(error);
    }

    // An unknown type may be the honest frame of a later version: it is counted, not charged. [HB-FRM-6]
    if (error.code !== 'type' && !this.#budget.chargeExtra()) {
      this.#violate(now);
    }
  }

  #violate(now: number): void {
    this.#violated = true;
    this.#host.violation(now);
  }
}
