/**
 * What is wrong with a frame:
 * `empty`, `oversized`, of another `version`, of the wrong `shape` (truncated, no array, with extensions),
 * of an unknown `type`, with a `field` missing, of the wrong type or out of range.
 */
export type FrameErrorCode = 'empty' | 'oversized' | 'version' | 'shape' | 'type' | 'field';

/** The only error that decoding a frame throws. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  /** What is wrong, for programs. */
  readonly code: FrameErrorCode;

  /** @param message - What is wrong, for people. */
  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
