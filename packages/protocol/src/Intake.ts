import { decodeFrame } from './codec.ts';
import { FrameBudget } from './FrameBudget.ts';
import type { FrameError } from './FrameError.ts';
import type { Frame } from './frames.ts';

/** What becomes of what comes off the wire. None of these may throw, but `frame` a {@link FrameError}. */
export type IntakeHost = {
  /** A well-formed frame. Throws where it cannot be right at this time. */
  frame(frame: Frame, now: number): void;
  /** The first frame had to be dropped. Told once: the rest is counted. */
  dropped(error: FrameError): void;
  /** The peer broke the protocol beyond what is borne. Told once: nothing of it is read any more. */
  violation(now: number): void;
};

/** The gate that every message of a peer comes through, on either half: bounded, decoded, or dropped and counted. */
export class Intake {
  readonly #host: IntakeHost;
  readonly #budget: FrameBudget;
  #malformed = 0;
  #violated = false;

  constructor(now: number, host: IntakeHost) {
    this.#host = host;
    this.#budget = new FrameBudget(now);
  }

  /** How many frames were dropped. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Whether the peer is not read any more. */
  get violated(): boolean {
    return this.#violated;
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
      this.#drop(error as FrameError, now);
    }
  }

  /**
   * Charges more for the frame under way: it changes the verdict by a mere word, as people do who leave and come
   * back, but seldom.
   *
   * @returns whether the budget bore it
   */
  bearsChange(now: number): boolean {
    if (this.#budget.chargeExtra()) {
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
