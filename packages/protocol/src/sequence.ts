/**
 * Sequence numbers travel as 16 bits and are counted without wrapping inside, where they index rings and
 * are compared freely.
 */
export const MODULUS = 0x1_0000;

/** The 16 bits of a sequence number that travel. */
export function toWire(seq: number): number {
  return seq % MODULUS;
}

/**
 * The full sequence number nearest to `reference` whose low 16 bits are `wire`: the serial number
 * arithmetic of RFC 1982, with an answer instead of an order. Never below 0.
 */
export function fromWire(wire: number, reference: number): number {
  const distance = (wire - (reference % MODULUS) + MODULUS * 1.5) % MODULUS;
  const seq = reference + distance - MODULUS / 2;
  return seq < 0 ? seq + MODULUS : seq;
}

/** The latest of the sequence numbers below `next` whose low 16 bits are `wire`. Negative: none of them was used yet. */
export function lastBefore(next: number, wire: number): number {
  return next - 1 - ((((next - 1 - wire) % MODULUS) + MODULUS) % MODULUS);
}
