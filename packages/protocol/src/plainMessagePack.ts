/** How deep an ignored trailing field may be nested. No honest extension of this protocol is deeper. */
export const MAX_DEPTH = 4;

/**
 * Whether `bytes` from `start` are exactly one MessagePack array, complete and free of extension types.
 *
 * msgpackr decodes records, errors, regular expressions, sets, dates and cyclic references whatever its
 * options say, and defines record structures that outlive the message. This protocol needs none of these. So they are refused
 * by their first byte, before the decoder sees them. [HB-FRM-3]
 */
export function isPlain(bytes: Uint8Array, start: number): boolean {
  const head = bytes[start] ?? 0;

  return head >= 0x90 && head <= 0x9f && skip(bytes, start, MAX_DEPTH) === bytes.length;
}

/** The offset after the value at `at`, or `NaN` if it is truncated, too deep or an extension. */
export function skip(bytes: Uint8Array, at: number, depth: number): number {
  const head = bytes[at];

  if (head === undefined || depth < 0) {
    return Number.NaN;
  } else if (head <= 0x7f || head >= 0xe0 || head === 0xc0 || head === 0xc2 || head === 0xc3) {
    return at + 1; // fixint, nil, false, true
  } else if (head <= 0x8f) {
    return skipMany(bytes, at + 1, (head & 0x0f) * 2, depth); // fixmap
  } else if (head <= 0x9f) {
    return skipMany(bytes, at + 1, head & 0x0f, depth); // fixarray
  } else if (head <= 0xbf) {
    return within(bytes, at + 1 + (head & 0x1f)); // fixstr
  } else if (head === 0xc4 || head === 0xd9) {
    return within(bytes, at + 2 + (bytes[at + 1] ?? Number.NaN)); // bin 8, str 8
  } else if (head >= 0xca && head <= 0xd3) {
    return within(bytes, at + 1 + (SCALAR_BYTES[head - 0xca] ?? Number.NaN));
  }

  return Number.NaN; // extensions, and lengths that no frame has room for
}

/** Bytes of float 32, float 64, uint 8–64 and int 8–64, in the order of their heads from 0xca on. */
const SCALAR_BYTES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

function skipMany(bytes: Uint8Array, at: number, count: number, depth: number): number {
  let next = at;

  for (let i = 0; i < count; i++) {
    next = skip(bytes, next, depth - 1);
  }

  return next;
}

function within(bytes: Uint8Array, end: number): number {
  return end <= bytes.length ? end : Number.NaN;
}
