import { readFileSync } from 'node:fs';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameError,
  LAYOUTS,
  MAX_FRAME_BYTES,
} from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { Packr, pack } from 'msgpackr';
import { describe, expect, it } from 'vitest';

type Vectors = {
  version: number;
  valid: { name: string; frame: Frame; hex: string }[];
  alsoAccepted: { name: string; frame: Frame; hex: string }[];
  invalid: { name: string; hex: string; error: string }[];
};

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../packages/protocol/vectors.json', import.meta.url), 'utf8'),
);

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  ...Object.entries(LAYOUTS).map(([type, { fields }]) =>
    fc
      .record(Object.fromEntries(fields.map(([name, max]) => [name, fc.integer({ min: 0, max })])))
      .map(values => ({ type, ...values }) as unknown as Frame),
  ),
);

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }

  return undefined;
}

describe('the vectors of PROTOCOL.md', () => {
  it.each(vectors.valid)('[HB-FRM-1] encodes and decodes $name', ({ frame, hex }) => {
    expect(hexOf(encodeFrame(frame, vectors.version))).toBe(hex);
    expect(decodeFrame(bytesOf(hex), vectors.version)).toStrictEqual(frame);
  });

  it.each(vectors.alsoAccepted)('[HB-FRM-3] also accepts $name', ({ frame, hex }) => {
    expect(decodeFrame(bytesOf(hex), vectors.version)).toStrictEqual(frame);
  });

  it.each(vectors.invalid)('[HB-FRM-3] refuses $name', ({ hex, error }) => {
    expect(errorOf(() => decodeFrame(bytesOf(hex), vectors.version))).toMatchObject({
      name: 'FrameError',
      code: error,
    });
  });
});

describe('frames', () => {
  it('[HB-FRM-4] [HB-FRM-5] come back as they went', () => {
    fc.assert(
      fc.property(anyFrame, frame => {
        expect(decodeFrame(encodeFrame(frame, 1), 1)).toEqual(frame);
      }),
    );
  });

  it('[HB-FRM-2] keep their size: a ping at most 16 bytes, a pong 24, any frame 64', () => {
    fc.assert(
      fc.property(anyFrame, frame => {
        const limit = { ping: 16, pong: 24 }[frame.type as string] ?? MAX_FRAME_BYTES;

        expect(encodeFrame(frame, 1).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('have one canonical form: whatever decodes encodes to the same frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        let frame: Frame;

        try {
          frame = decodeFrame(bytes, 1);
        } catch {
          return;
        }

        expect(decodeFrame(encodeFrame(frame, 1), 1)).toEqual(frame);
      }),
      { numRuns: 5000 },
    );
  });

  it('[HB-SEC-2] raise nothing but a FrameError, whatever the bytes', () => {
    fc.assert(
      fc.property(
        anyFrame,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        (frame, edits, cut) => {
          const bytes = encodeFrame(frame, 1);

          for (const [at, value] of edits) {
            bytes[at % bytes.length] = value;
          }

          const error = errorOf(() => decodeFrame(bytes.subarray(0, cut % (bytes.length + 1)), 1));

          expect(error === undefined || error instanceof FrameError).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('[HB-FRM-3] may have anything behind their known fields but extensions', () => {
    const plain = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string({ maxLength: 8 }),
      fc.boolean(),
      fc.constant(null),
    );

    fc.assert(
      fc.property(fc.array(plain, { maxLength: 3 }), extras => {
        const bytes = Uint8Array.of(1, ...pack([5, 1, ...extras]));

        expect(decodeFrame(bytes, 1)).toEqual({ type: 'goodbye', cause: 1 });
      }),
    );

    // What msgpackr itself makes of these are extensions: sets, errors, regular expressions, dates, big integers.
    const packr = new Packr({ structuredClone: true });

    for (const extension of [new Date(), new Set([1]), /x/, new Error('x'), 2n ** 70n, [[new Date()]]]) {
      const bytes = Uint8Array.of(1, ...packr.pack([5, 1, extension]));

      expect(
        errorOf(() => decodeFrame(bytes, 1)),
        String(extension),
      ).toMatchObject({ code: 'shape' });
    }

    for (const head of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) {
      const bytes = Uint8Array.of(1, 0x93, 5, 1, head, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);

      expect(errorOf(() => decodeFrame(bytes, 1))).toMatchObject({ code: 'shape' });
    }
  });

  it('[HB-VER-1] of another version are refused, whatever else they are', () => {
    fc.assert(
      fc.property(anyFrame, fc.integer({ min: 0, max: 255 }), (frame, version) => {
        fc.pre(version !== 1);

        const bytes = encodeFrame(frame, 1);

        bytes[0] = version;
        expect(errorOf(() => decodeFrame(bytes, 1))).toMatchObject({ code: 'version' });
      }),
    );
  });

  it('are not encoded with a field out of range, which is a mistake of the caller', () => {
    expect(() => encodeFrame({ type: 'goodbye', cause: 128 }, 1)).toThrow(
      'goodbye.cause must be an integer from 0 to 127, got 128',
    );
    expect(() => encodeFrame({ type: 'goodbye', cause: 0.5 }, 1)).toThrow(RangeError);
  });
});
