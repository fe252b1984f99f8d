import { decodeFrame } from '../codec.ts';
import type { FrameError } from '../FrameError.ts';
import type { Frame } from '../frames.ts';
import { TokenBucket } from './TokenBucket.ts';

/** What a message turned out to be. */
export type Admission =
  | { kind: 'frame'; frame: Frame }
  /** It is not a frame, or not one that can be right. It is counted. */
  | { kind: 'malformed'; error: FrameError }
  /** The peer broke the protocol. Nothing of it is read from now on. */
  | { kind: 'violation' };

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

  /** Takes a message in, whatever it is. */
  admit(bytes: Uint8Array, version: number, now: number): Admission {
    if (!this.bucket.charge(bytes.length, now)) {
      return this.violate();
    }

    try {
      return { kind: 'frame', frame: decodeFrame(bytes, version) };
    } catch (error) {
      return this.refuse(error as FrameError);
    }
  }

  /** A frame is well-formed, but impossible at this time. */
  refuse(error: FrameError): Admission {
    this.#malformed++;

    // An unknown type may be the honest frame of a later version: it is counted, not charged. [HB-FRM-6]
    return error.code === 'type' || this.bucket.chargeExtra() ? { kind: 'malformed', error } : this.violate();
  }

  /** Reads nothing of this peer any more. */
  violate(): Admission {
    this.#violated = true;

    return { kind: 'violation' };
  }
}
