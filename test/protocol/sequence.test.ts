import { fromWire, toWire } from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';

it('[HB-PING-1] finds a number again from its 16 bits, up to half the space around the reference', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.integer({ min: -32_767, max: 32_767 }), (reference, distance) => {
      const seq = reference + distance;

      fc.pre(seq >= 0);
      expect(fromWire(toWire(seq), reference)).toBe(seq);
    }),
  );
});

it('[HB-PING-1] survives the wrap', () => {
  expect(toWire(65_536)).toBe(0);
  expect(fromWire(0, 65_535)).toBe(65_536);
  expect(fromWire(65_535, 65_536)).toBe(65_535);
  expect(fromWire(3, 131_071)).toBe(131_075);
});

it('never goes below 0', () => {
  expect(fromWire(65_535, 0)).toBe(65_535);
});
