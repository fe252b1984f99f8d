import { packArray, unpackArray } from '#messagePack';
import { MAX_FRAME_BYTES } from './constants.ts';
import { FrameError } from './FrameError.ts';
import { type Frame, LAYOUTS } from './frames.ts';
import { isPlain } from './plainMessagePack.ts';

/** By the number of its type, the frame that {@link readFrame} fills in. */
const FRAMES = new Map<number, Frame>();

for (const [type, { code, fields }] of Object.entries(LAYOUTS)) {
  // With all of its fields: properties that are added one by one take more memory.
  FRAMES.set(code, { type, ...Object.fromEntries(fields.map(([name]) => [name, 0])) } as unknown as Frame);
}

/** The integers of the frame that is being encoded. Used again and again, as each array of its own would be garbage. */
const body: number[] = [];

/**
 * Encodes a frame: one byte of version, then one MessagePack array of the type's number and its fields
 * in their fixed order. [HB-FRM-1]
 *
 * In Node the bytes may be a part of a larger buffer: with `buffer`, use `byteOffset` and `byteLength`.
 *
 * @throws RangeError where a field is out of its range: a mistake in the calling code.
 */
export function encodeFrame(frame: Frame, version: number): Uint8Array {
  const { code, fields } = LAYOUTS[frame.type];
  const values = frame as unknown as Record<string, number>;
  let length = 1;

  body[0] = code;

  for (const [name, max, optional] of fields) {
    const value = values[name];

    if (optional && value === undefined) {
      continue;
    }

    if (!inRange(value, max)) {
      throw new RangeError(`${frame.type}.${name} must be an integer from 0 to ${max}, got ${value}`);
    }

    body[length++] = value;
  }

  body.length = length;

  return packArray(version, body);
}

/**
 * Decodes a frame of the agreed version from bytes that may be hostile: first the length, then the shape,
 * then each field's range. Fields after the known ones are ignored. [HB-FRM-3]
 *
 * @throws FrameError and nothing else.
 */
export function decodeFrame(bytes: Uint8Array, version: number): Frame {
  const frame = { ...readFrame(bytes, version) };

  // What the sender has left out.
  for (const [name, , optional] of LAYOUTS[frame.type].fields) {
    if (optional && (frame as Record<string, unknown>)[name] === undefined) {
      Reflect.deleteProperty(frame, name);
    }
  }

  return frame;
}

/** What {@link decodeFrame} does, into a frame that is valid until the next call: one of its own for each pong would be garbage. */
export function readFrame(bytes: Uint8Array, version: number): Frame {
  if (bytes.length === 0) {
    throw new FrameError('empty', 'no bytes');
  } else if (bytes.length > MAX_FRAME_BYTES) {
    throw new FrameError('oversized', `${bytes.length} bytes, at most ${MAX_FRAME_BYTES}`);
  } else if (bytes[0] !== version) {
    throw new FrameError('version', `version ${bytes[0]}, agreed on ${version}`);
  } else if (!isPlain(bytes, 1)) {
    throw new FrameError('shape', 'not one MessagePack array without extensions');
  }

  const elements = unpackArray(bytes);
  const frame = FRAMES.get(elements[0] as number);

  if (frame === undefined) {
    throw new FrameError('type', 'unknown frame type');
  }

  const { type } = frame;
  const values = frame as unknown as Record<string, number | undefined>;

  let index = 1;

  for (const [name, max, optional] of LAYOUTS[type].fields) {
    const value = elements[index++];

    if (optional && value === undefined) {
      values[name] = undefined;
      continue;
    }

    if (!inRange(value, max)) {
      throw new FrameError('field', `${type}.${name} is not an integer from 0 to ${max}`);
    }

    values[name] = value || 0; // a float may be -0
  }

  return frame;
}

function inRange(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}
