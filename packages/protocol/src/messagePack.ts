import { Packr, Unpackr } from 'msgpackr';

// The reference. In a page, `messagePack.browser` stands in for it and makes the same bytes.

// Without records and extensions on our side; on the peer's side `isPlain` refuses them before they are decoded.
const packr = new Packr({ useRecords: false });
// Maps are decoded as such: as objects, they may not have keys of every type.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

/** The MessagePack array of these integers, each in its shortest encoding. */
export function packArray(integers: readonly number[]): Uint8Array {
  return packr.pack(integers);
}

/** The elements of an array that `isPlain` has accepted: it leaves nothing to reject, execute or allocate much for. */
export function unpackArray(bytes: Uint8Array): unknown[] {
  return unpackr.unpack(bytes);
}
