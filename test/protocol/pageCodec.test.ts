import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameError,
  LAYOUTS,
  MAX_FRAME_BYTES,
} from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { bundleForPage, CODEC } from '../../packages/client/scripts/pageBundle.ts';
import { readCorpus } from '../fuzz/corpus.ts';

// The codec as a page's bundle has it, against the reference: msgpackr.
const { code } = await bundleForPage(CODEC);
const page: { decodeFrame: typeof decodeFrame; encodeFrame: typeof encodeFrame } = await import(
  `data:text/javascript,${encodeURIComponent(code)}`
);

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  ...Object.entries(LAYOUTS).map(([type, { fields }]) =>
    fc
      .record(
        Object.fromEntries(
          fields.map(([name, max]) => [name, fc.oneof(fc.integer({ min: 0, max }), nearAnEdge(max))]),
        ),
        { requiredKeys: fields.filter(([, , optional]) => !optional).map(([name]) => name) },
      )
      .map(values => ({ type, ...values }) as unknown as Frame),
  ),
);

/** Where the encoding of an integer changes its length. */
function nearAnEdge(max: number): fc.Arbitrary<number> {
  const edges = [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, max];

  return fc.constantFrom(...edges.filter(edge => edge <= max));
}

/** The decoded frame, or what is wrong with the bytes. */
function outcome(decode: typeof decodeFrame, bytes: Uint8Array): unknown {
  try {
    return decode(bytes, 1);
  } catch (error) {
    const { name, code, message } = error as FrameError;

    return { name, code, message };
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function expectSameOutcome(bytes: Uint8Array): void {
  expect(outcome(page.decodeFrame, bytes)).toEqual(outcome(decodeFrame, bytes));
}

describe('the codec of a page', () => {
  it('makes the bytes of the reference, and reads them back', () => {
    fc.assert(
      fc.property(anyFrame, frame => {
        const bytes = page.encodeFrame(frame, 1);

        expect(bytes).toEqual(Uint8Array.from(encodeFrame(frame, 1)));
        expect(page.decodeFrame(bytes, 1)).toEqual(frame);
        expect(decodeFrame(bytes, 1)).toEqual(frame);
      }),
      { numRuns: 5000 },
    );
  });

  it('makes the highest value of every field as the reference does', () => {
    for (const [type, { fields }] of Object.entries(LAYOUTS)) {
      const frame = { type, ...Object.fromEntries(fields) } as unknown as Frame;

      expect(page.encodeFrame(frame, 1)).toEqual(Uint8Array.from(encodeFrame(frame, 1)));
    }
  });

  it('accepts and refuses the corpus as the reference does, also cut off anywhere or with any head anywhere', () => {
    // One of each kind of value: of fixints, of short maps, arrays and strings, and every other head.
    const heads = [0x00, 0x7f, 0x80, 0x81, 0x90, 0x91, 0xa0, 0xa1, 0xbf, ...range(0xc0, 0xe0), 0xff];
    const different: string[] = [];

    for (const { bytes } of readCorpus()) {
      // A longer one is refused unread.
      for (const at of range(0, Math.min(bytes.length, MAX_FRAME_BYTES))) {
        for (const variant of [bytes.subarray(0, at), ...heads.map(head => bytes.with(at, head))]) {
          if (
            JSON.stringify(outcome(page.decodeFrame, variant)) !==
            JSON.stringify(outcome(decodeFrame, variant))
          ) {
            different.push(Buffer.from(variant).toString('hex'));
          }
        }
      }
    }

    expect(different).toEqual([]);
  });

  it('accepts and refuses any bytes as the reference does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), bytes => {
        expectSameOutcome(bytes);
        expectSameOutcome(Uint8Array.of(1, ...bytes));
        expectSameOutcome(Uint8Array.of(1, 0x90 + (bytes.length & 15), ...bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it('accepts and refuses any value for any field as the reference does', () => {
    const packr = new Packr({ useRecords: false, mapsAsObjects: false });
    const anyValue = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.constantFrom(-0, 0.5, 2 ** 32, 2 ** 53, -1, 1e300, Number.NaN, null, true, false, 'text', ''),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.uint8Array({ maxLength: 4 }).map(bytes => Buffer.from(bytes)),
      fc.constant(new Map<unknown, unknown>([[[1], 2]])),
      fc.array(fc.integer(), { maxLength: 3 }),
    );

    fc.assert(
      fc.property(anyFrame, anyValue, fc.nat(6), (frame, value, index) => {
        const body: unknown[] = [LAYOUTS[frame.type].code, ...Object.values(frame).slice(1)];

        expectSameOutcome(Uint8Array.of(1, ...packr.pack(body.with(index % body.length, value))));
        expectSameOutcome(Uint8Array.of(1, ...packr.pack([...body, value])));
      }),
      { numRuns: 5000 },
    );
  });

  it('reads a view into a larger buffer', () => {
    const frame: Frame = { type: 'goodbye', cause: 100 };
    const larger = Uint8Array.of(9, 9, 9, ...encodeFrame(frame, 1), 9, 9);

    expect(page.decodeFrame(larger.subarray(3, -2), 1)).toEqual(frame);
  });

  it.each(['float32', 'float64', 'uint32', 'int8', 'int32'])(
    'reads a whole number encoded as %s',
    encoding => {
      const heads: Record<string, number[]> = {
        float32: [0xca, 0x40, 0xa0, 0, 0],
        float64: [0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0],
        uint32: [0xce, 0, 0, 0, 5],
        int8: [0xd0, 5],
        int32: [0xd2, 0, 0, 0, 5],
      };
      const bytes = Uint8Array.of(1, 0x92, 5, ...(heads[encoding] ?? []));

      expect(page.decodeFrame(bytes, 1)).toEqual({ type: 'goodbye', cause: 5 });
      expect(decodeFrame(bytes, 1)).toEqual({ type: 'goodbye', cause: 5 });
    },
  );
});
