import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, type Frame, LAYOUTS } from '../../packages/protocol/src/index.ts';
import { readCorpus } from './corpus.ts';
import { checkRoundTrip, examine } from './examine.ts';
import { fuzz } from './fuzz.ts';

const packr = new Packr({ useRecords: false, mapsAsObjects: false });

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  ...Object.entries(LAYOUTS).map(([type, { fields }]) =>
    fc
      .record(Object.fromEntries(fields.map(([name, max]) => [name, fc.integer({ min: 0, max })])))
      .map(values => ({ type, ...values }) as unknown as Frame),
  ),
);

/** Every MessagePack value without extensions, including maps with keys of every type. */
const { value: anyValue } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 12, unit: 'binary' }),
    fc.constant('__proto__'),
    fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map(entries => new Map(entries)),
  ),
}));

/** Changes to a frame: replaced bytes, and where it is cut off. */
const anyDamage = fc.record({
  edits: fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 4 }),
  cut: fc.option(fc.nat(63), { nil: 64 }),
});

describe('the corpus', () => {
  it.each(readCorpus())('$name: $outcome', ({ bytes, outcome }) => {
    expect(examine(bytes)).toBe(outcome);
  });

  it('the corpus is decoded or refused if it is cut off anywhere or has any bit flipped', () => {
    for (const { bytes } of readCorpus()) {
      for (const [at, byte] of bytes.entries()) {
        examine(bytes.subarray(0, at));

        for (let bit = 1; bit < 256; bit *= 2) {
          examine(bytes.with(at, byte ^ bit));
        }
      }
    }
  });
});

describe('the decoder', () => {
  it('[HB-FRM-1] the decoder returns what was encoded', () => {
    fc.assert(fc.property(anyFrame, checkRoundTrip), { numRuns: 500 });
  });

  it('[HB-FRM-3] [HB-SEC-2] the decoder keeps its promises for any bytes', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
          examine(bytes);
          examine(Uint8Array.of(1, ...bytes));
        }),
        { numRuns: 2000 },
      ),
    ).not.toThrow();
  });

  it('[HB-FRM-3] [HB-SEC-2] the decoder keeps its promises for frames that were damaged on the way', () => {
    fc.assert(
      fc.property(anyFrame, anyDamage, (frame, { edits, cut }) => {
        const bytes = encodeFrame(frame, 1);

        for (const [at, byte] of edits) {
          bytes[at % bytes.length] = byte;
        }

        examine(bytes.subarray(0, cut));
      }),
      { numRuns: 2000 },
    );
  });

  it('[HB-FRM-3] the decoder takes any plain value for a field without throwing, and ignores values after the fields', () => {
    fc.assert(
      fc.property(anyFrame, anyValue, fc.nat(6), (frame, value, index) => {
        const fields = Object.values(frame).slice(1);
        const body = [LAYOUTS[frame.type].code, ...fields];
        const replaced = body.with(index % body.length, value as number);

        examine(Uint8Array.of(1, ...packr.pack(replaced)));

        const extended = Uint8Array.of(1, ...packr.pack([...body, value]));

        if (examine(extended) === 'accepted') {
          expect(decodeFrame(extended, 1)).toEqual(frame);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('the decoder is not changed by what it decodes', () => {
    for (const { bytes } of readCorpus()) {
      const before = bytes.slice();

      examine(bytes);
      expect(bytes).toEqual(before);
    }

    fc.assert(fc.property(anyFrame, checkRoundTrip), { numRuns: 100 });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('the fuzzer', () => {
  const plan = { seconds: Number.POSITIVE_INFINITY, costs: false };

  it('the fuzzer finds nothing in the decoder and in both sides', () => {
    const { broken, outcomes, sides } = fuzz({ ...plan, seed: 1, frames: 20_000 });

    expect(broken).toBeUndefined();
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
    expect(sides.violations).toBeGreaterThan(0);
  });

  it('the fuzzer makes the same frames from the same seed', () => {
    const [one, same, other] = [7, 7, 8].map(seed => fuzz({ ...plan, seed, frames: 3000 }).outcomes);

    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });
});
