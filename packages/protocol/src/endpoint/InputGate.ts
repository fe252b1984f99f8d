import { readFrame } from '../codec.ts';
import type { FrameError } from '../FrameError.ts';
import type { Frame } from '../frames.ts';
import { TokenBucket } from './TokenBucket.ts';

/** Every message of a peer passes this gate, on either side: it is charged and decoded, or dropped and counted. */
export class InputGate {
  readonly bucket: TokenBucket;
  #malformed = 0;

  /** @param waitingPerSecond - How many frames an honest peer sends of its own accord, see {@link TokenBucket}. */
  constructor(now: number, waitingPerSecond: number) {
    this.bucket = new TokenBucket(now, waitingPerSecond);
  }

  /** How many frames were dropped. */
  get malformed(): number {
    return this.#malformed;
  }

  /**
   * Takes a message in, whatever it is.
   *
   * @returns The frame, which is valid until the next message. `undefined`: the peer has sent more than any honest one does.
   * @throws FrameError where it is no frame. To be followed by {@link refuse}.
   */
  admit(bytes: Uint8Array, version: number, now: number): Frame | undefined {
    return this.bucket.charge(bytes.length, now) ? readFrame(bytes, version) : undefined;
  }

  /** A message is no frame, or one that is impossible at this time. Returns whether an honest peer may have sent it. */
  refuse({ code }: FrameError): boolean {
    this.#malformed++;

    // An unknown type may be the honest frame of a later version: it is counted, not charged. [HB-FRM-6]
    return code === 'type' || this.bucket.chargeExtra();
  }
}
