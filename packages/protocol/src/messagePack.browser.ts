import { MAX_DEPTH, skip } from './plainMessagePack.ts';

// What `messagePack` does, for pages: only the integers of our frames, a twentieth of the size, and no `new Function`.

/** That byte, then the MessagePack array of up to 15 integers of up to 32 bits, each in its shortest encoding. */
export function packArray(first: number, integers: readonly number[]): Uint8Array {
  const bytes = [first, 0x90 + integers.length];

  for (const value of integers) {
    // Storing into a Uint8Array keeps the lowest 8 bits of each.
    if (value <= 0x7f) {
      bytes.push(value);
    } else if (value <= 0xff) {
      bytes.push(0xcc, value);
    } else if (value <= 0xffff) {
      bytes.push(0xcd, value >> 8, value);
    } else {
      bytes.push(0xce, value >> 24, value >> 16, value >> 8, value);
    }
  }

  return Uint8Array.from(bytes);
}

/** The elements of the array from the second byte on, which `isPlain` has accepted. `NaN` stands for everything that no field can be. */
export function unpackArray(bytes: Uint8Array): readonly unknown[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const elements: number[] = [];

  for (let at = 2; at < bytes.length; at = skip(bytes, at, MAX_DEPTH)) {
    elements.push(numberAt(view, at));
  }

  return elements;
}

function numberAt(view: DataView, at: number): number {
  const head = view.getUint8(at);
  const getter = GETTERS[head - 0xca];

  if (head <= 0x7f) {
    return head;
  }

  return getter === undefined ? Number.NaN : view[getter](at + 1);
}

/** What reads a number, in the order of the heads from 0xca on. No field may be an integer of 64 bits. */
const GETTERS = [
  'getFloat32',
  'getFloat64',
  'getUint8',
  'getUint16',
  'getUint32',
  undefined,
  'getInt8',
  'getInt16',
  'getInt32',
] as const;
