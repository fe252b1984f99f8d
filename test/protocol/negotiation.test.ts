import { negotiateVersion, readAcceptance, readDescriptor } from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const descriptor = { versions: [1], streamId: 0, interval: 1000 };

describe('version', () => {
  it('[HB-NEG-3] is the highest that both speak', () => {
    expect(negotiateVersion([1, 2], [1])).toBe(1);
    expect(negotiateVersion([1, 2, 3], [3, 2])).toBe(3);
    expect(negotiateVersion([2], [1])).toBeUndefined();
    expect(negotiateVersion([], [1])).toBeUndefined();
  });
});

describe('descriptor', () => {
  it('[HB-NEG-1] is read, and its unknown fields are ignored', () => {
    expect(readDescriptor({ ...descriptor, colour: 'green' })).toEqual({ ok: true, descriptor, version: 1 });
    expect(readDescriptor({ ...descriptor, versions: [1, 2] }, [1, 2, 3])).toMatchObject({
      ok: true,
      version: 2,
    });
  });

  it('[HB-NEG-6] of no shared version is a mismatch', () => {
    expect(readDescriptor({ ...descriptor, versions: [2, 3] })).toEqual({
      ok: false,
      reason: 'version-mismatch',
    });
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['a string', 'heartbeat'],
    ['an empty object', {}],
    ['without versions', { ...descriptor, versions: undefined }],
    ['with versions that are no list', { ...descriptor, versions: 1 }],
    ['with no version', { ...descriptor, versions: [] }],
    ['with a version that is no number', { ...descriptor, versions: ['1'] }],
    ['with 17 versions', { ...descriptor, versions: Array.from({ length: 17 }, (_, i) => i + 1) }],
    ['with a negative stream id', { ...descriptor, streamId: -1 }],
    ['with stream id 65535', { ...descriptor, streamId: 65_535 }],
    ['with a fractional stream id', { ...descriptor, streamId: 0.5 }],
    ['without an interval', { ...descriptor, interval: undefined }],
    ['with an interval below 100', { ...descriptor, interval: 99 }],
    ['with an interval above 15000', { ...descriptor, interval: 15_001 }],
    ['with an interval that is NaN', { ...descriptor, interval: Number.NaN }],
  ])('[HB-NEG-4] [HB-NEG-5] [HB-NEG-6] %s is no server half', (_, value) => {
    expect(readDescriptor(value)).toEqual({ ok: false, reason: 'no-server-half' });
  });

  it('[HB-NEG-6] never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), value => {
        expect(readDescriptor(value).ok).toBe(false);
      }),
    );
  });
});

describe('acceptance', () => {
  it('[HB-NEG-2] tells the version', () => {
    expect(readAcceptance({ version: 1, colour: 'green' })).toEqual({ ok: true, version: 1 });
  });

  it('[HB-NEG-7] of a version that was not offered is a mismatch', () => {
    expect(readAcceptance({ version: 2 })).toEqual({ ok: false, reason: 'version-mismatch' });
  });

  it('[HB-NEG-7] that is missing or garbled is no client half, and never throws', () => {
    for (const value of [
      undefined,
      null,
      true,
      'yes',
      {},
      { version: '1' },
      { version: 0 },
      { version: 1.5 },
    ]) {
      expect(readAcceptance(value)).toEqual({ ok: false, reason: 'no-client-half' });
    }

    fc.assert(fc.property(fc.anything(), value => readAcceptance(value) !== undefined));
  });
});
