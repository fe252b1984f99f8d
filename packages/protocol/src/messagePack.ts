import { Packr, RESERVE_START_SPACE, Unpackr } from 'msgpackr';

// The reference. In a page, `messagePack.browser` stands in for it and makes the same bytes.

// Without records and extensions on our side; on the peer's side `isPlain` refuses them before they are decoded.
const packr = new Packr({ useRecords: false });
// Maps are decoded as such: as objects, they may not have keys of every type.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

/** Room for one byte before the array, in the same memory: a second copy would cost more than the array. */
const ONE_BYTE = RESERVE_START_SPACE + 1;

/** The elements that {@link readIntegers} has read. Used again and again: for each pong msgpackr would make a DataView and an array. */
const integers: number[] = [];

/** That byte, then the MessagePack array of these integers, each in its shortest encoding. */
export function packArray(first: number, elements: readonly number[]): Uint8Array {
  const bytes: Uint8Array = packr.pack(elements, ONE_BYTE);

  bytes[0] = first;

  return bytes;
}

/**
 * The elements of the array from the second byte on, which `isPlain` has accepted: it leaves nothing to reject, execute or allocate
 * much for. They are valid until the next call.
 */
export function unpackArray(bytes: Uint8Array): readonly unknown[] {
  return readIntegers(bytes) ? integers : unpackr.unpack(bytes.subarray(1));
}

/** Reads an array of integers from 0 up to 32 bits, which all honest frames are. Returns whether it is one. */
function readIntegers(bytes: Uint8Array): boolean {
  let count = 0;

  for (let at = 2; at < bytes.length; count++) {
    const head = bytes[at++] as number;
    // The length of the integer: 0 where the head is the integer itself.
    const end =
      at + (head <= 0x7f ? 0 : head === 0xcc ? 1 : head === 0xcd ? 2 : head === 0xce ? 4 : Number.NaN);
    let integer = head <= 0x7f ? head : 0;

    if (Number.isNaN(end)) {
      return false;
    }

    while (at < end) {
      integer = integer * 256 + (bytes[at++] as number);
    }

    integers[count] = integer;
  }

  integers.length = count;

  return true;
}
