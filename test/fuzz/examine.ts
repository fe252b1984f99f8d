import {
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameError,
  type FrameErrorCode,
  LAYOUTS,
  MAX_FRAME_BYTES,
} from '../../packages/protocol/src/index.ts';

/** The agreed version. */
export const VERSION = 1;

/** The outcome of a frame. */
export type Outcome = 'accepted' | FrameErrorCode;

/** A property that does not hold. */
export class BrokenProperty extends Error {
  override readonly name = 'BrokenProperty';
}

/** Decodes a frame, and checks the promises of the decoder: see the `must` lines. */
export function examine(bytes: Uint8Array): Outcome {
  let frame: Frame;

  try {
    frame = decodeFrame(bytes, VERSION);
  } catch (error) {
    must(error instanceof FrameError, () => `throws nothing but a FrameError, not ${String(error)}`);

    return error.code;
  }

  checkFields(frame);
  checkCanonicalForm(frame, bytes.length);

  return 'accepted';
}

/** A frame decodes to what was encoded. */
export function checkRoundTrip(frame: Frame): void {
  must(
    isSame(decodeFrame(encodeFrame(frame, VERSION), VERSION), frame),
    () => `brings ${JSON.stringify(frame)} back`,
  );
}

/** An accepted frame has the fields of its type and no others, each an integer within its range. */
function checkFields(frame: Frame): void {
  const { fields } = LAYOUTS[frame.type];
  const values = frame as unknown as Record<string, number>;

  must(
    Object.keys(frame).every(key => key === 'type' || fields.some(([name]) => name === key)),
    () => 'has no other fields',
  );
  must(Object.getPrototypeOf(frame) === Object.prototype, () => 'is a plain object');

  for (const [name, max, optional] of fields) {
    const value = values[name];

    must(
      (optional && value === undefined) ||
        (Number.isInteger(value) &&
          value !== undefined &&
          value >= 0 &&
          value <= max &&
          !Object.is(value, -0)),
      () =>
        `${frame.type}.${name} is an integer from 0 to ${max}, not ${Object.is(value, -0) ? '-0' : value}`,
    );
  }
}

/**
 * Many forms of a frame are accepted, but one is sent. It decodes to the same, encodes to itself, and no other form is
 * shorter.
 */
function checkCanonicalForm(frame: Frame, length: number): void {
  const canonical = encodeFrame(frame, VERSION);
  const again = decodeFrame(canonical, VERSION);

  must(isSame(again, frame), () => 'means the same in its canonical form');
  must(areEqual(encodeFrame(again, VERSION), canonical), () => 'has one canonical form');
  must(canonical.length <= length, () => 'has no form that is shorter than the canonical one');
  must(
    canonical.length <= (SIZES[frame.type] ?? MAX_FRAME_BYTES),
    () => `is as short as a ${frame.type} has to be`,
  );
}

const SIZES: Partial<Record<Frame['type'], number>> = { ping: 16, pong: 24 };

export function must(holds: boolean, property: () => string): asserts holds {
  if (!holds) {
    throw new BrokenProperty(property());
  }
}

function isSame(one: Frame, other: Frame): boolean {
  const [a, b] = [one, other] as unknown as Record<string, unknown>[];

  return (
    one.type === other.type && LAYOUTS[one.type].fields.every(([name]) => Object.is(a?.[name], b?.[name]))
  );
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
