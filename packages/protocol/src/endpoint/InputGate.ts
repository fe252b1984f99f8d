import { readFrame } from '../codec.ts';
import type { FrameError } from '../FrameError.ts';
import type { Frame } from '../frames.ts';
import { TokenBucket } from './TokenBucket.ts';

/** Why a message is not read: it is not a frame, or not one that can be right. Or the peer broke the protocol, and is not read any more. */
export type Refusal = FrameError | 'violation';

/** Every message of a peer passes this gate, on either side: it is charged and decoded, or dropped and counted. */
export class InputGate {
  readonly bucket: TokenBucket;
  #malformed = 0;
  #violated = false;

  /** @param waitingPerSecond - How many frames an honest peer sends of its own accord, see {@link TokenBucket}. */
  constructor(now: number, waitingPerSecond: number) {
    this.bucket = new TokenBucket(now, waitingPerSecond);
  }

  /** How many frames were dropped. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Whether the peer is not read any more. */
  get violated(): boolean {
    return this.#violated;
  }

  /** Takes a message in, whatever it is. A frame is valid until the next message. */
  admit(bytes: Uint8Array, version: number, now: number): Frame | Refusal {
    if (!this.bucket.charge(bytes.length, now)) {
      return this.violate();
    }

    try {
      return readFrame(bytes, version);
    } catch (error) {
      return this.refuse(error as FrameError);
    }
  }

  /** A frame is well-formed, but impossible at this time. */
  refuse(error: FrameError): Refusal {
    this.#malformed++;

    // An unknown type may be the honest frame of a later version: it is counted, not charged. [HB-FRM-6]
    return error.code === 'type' || this.bucket.chargeExtra() ? error : this.violate();
  }

  /** Reads nothing of this peer any more. */
  violate(): 'violation' {
    this.#violated = true;

    return 'violation';
  }
}
