import { packArray, unpackArray } from '#messagePack';
import { MAX_FRAME_BYTES } from './constants.ts';
import { FrameError } from './FrameError.ts';
import { type Frame, type FrameType, LAYOUTS } from './frames.ts';
import { isPlain } from './plainMessagePack.ts';

const TYPES = new Map<number, FrameType>();

for (const [type, { code }] of Object.entries(LAYOUTS)) {
  TYPES.set(code, type as FrameType);
}

/**
 * Encodes a frame: one byte of version, then one MessagePack array of the type's number and its fields
 * in their fixed order. [HB-FRM-1]
 *
 * @throws RangeError where a field is out of its range: a mistake in the calling code.
 */
export function encodeFrame(frame: Frame, version: number): Uint8Array {
  const { code, fields } = LAYOUTS[frame.type];
  const values = frame as unknown as Record<string, number>;
  const body = [code];

  for (const [name, max, optional] of fields) {
    const value = values[name];

    if (optional && value === undefined) {
      continue;
    }

    if (!inRange(value, max)) {
      throw new RangeError(`${frame.type}.${name} must be an integer from 0 to ${max}, got ${value}`);
    }

    body.push(value);
  }

  const packed = packArray(body);
  const bytes = new Uint8Array(packed.length + 1);

  bytes[0] = version;
  bytes.set(packed, 1);

  return bytes;
}

/**
 * Decodes a frame of the agreed version from bytes that may be hostile: first the length, then the shape,
 * then each field's range. Fields after the known ones are ignored. [HB-FRM-3]
 *
 * @throws FrameError and nothing else.
 */
export function decodeFrame(bytes: Uint8Array, version: number): Frame {
  if (bytes.length === 0) {
    throw new FrameError('empty', 'no bytes');
  } else if (bytes.length > MAX_FRAME_BYTES) {
    throw new FrameError('oversized', `${bytes.length} bytes, at most ${MAX_FRAME_BYTES}`);
  } else if (bytes[0] !== version) {
    throw new FrameError('version', `version ${bytes[0]}, agreed on ${version}`);
  } else if (!isPlain(bytes, 1)) {
    throw new FrameError('shape', 'not one MessagePack array without extensions');
  }

  const body = unpackArray(bytes.subarray(1));
  const type = TYPES.get(body[0] as number);

  if (type === undefined) {
    throw new FrameError('type', 'unknown frame type');
  }

  const frame: Record<string, unknown> = { type };

  let index = 1;

  for (const [name, max, optional] of LAYOUTS[type].fields) {
    const value = body[index++];

    if (optional && value === undefined) {
      continue;
    }

    if (!inRange(value, max)) {
      throw new FrameError('field', `${type}.${name} is not an integer from 0 to ${max}`);
    }

    frame[name] = value + 0; // -0 is a float's way to say 0
  }

  return frame as Frame;
}

function inRange(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}
