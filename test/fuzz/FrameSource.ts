import { encodeFrame, type Frame, type FrameType, LAYOUTS } from '../../packages/protocol/src/index.ts';

type Random = () => number;

const TYPES = Object.keys(LAYOUTS) as FrameType[];

/** The largest message that mediasoup lets a peer send by default. */
const LARGEST = 262_144;

/** Bytes of every length are cut from these, as filling them would cost more than decoding. */
const noise = new Uint8Array(LARGEST);

for (let i = 0; i < LARGEST; i++) {
  noise[i] = Math.imul(i + 1, 0x9e3779b1) >>> 24;
}

/** Where frames are written before their length is known. */
const page = new Uint8Array(1024);
const view = new DataView(page.buffer);

/** Floats that may pass for integers, or that compare in their own ways. */
const FLOATS = [0, -0, 1, -1, 0.5, 2 ** 32, 2 ** 53, 1e308, 5e-324, Number.NaN, Infinity, -Infinity];

/** An endless stream of mostly hostile frames. It only depends on the random numbers. */
export class FrameSource {
  readonly #random: Random;
  readonly #corpus: readonly Uint8Array[];
  #at = 0;

  constructor(random: Random, corpus: readonly Uint8Array[]) {
    this.#random = random;
    this.#corpus = corpus;
  }

  /** The next frame, in memory of its own. */
  next(): Uint8Array {
    const kind = this.#random();

    if (kind < 0.5) {
      return this.#mutated();
    } else if (kind < 0.85) {
      return this.#generated();
    } else if (kind < 0.95) {
      return encodeFrame(this.frame(), 1);
    }

    return this.#bytes();
  }

  /** A valid frame. Its fields are often at the ends of their ranges. */
  frame(): Frame {
    const type = this.#pick(TYPES);
    const frame: Record<string, unknown> = { type };

    for (const [name, max] of LAYOUTS[type].fields) {
      frame[name] = this.#upTo(max);
    }

    return frame as Frame;
  }

  /** One of the corpus, changed in a few places. */
  #mutated(): Uint8Array {
    this.#at = 0;
    this.#copy(this.#pick(this.#corpus));

    for (let edits = this.#int(4); edits >= 0; edits--) {
      this.#edit(this.#int(this.#at + 1));
    }

    return page.slice(0, this.#at);
  }

  #edit(at: number): void {
    const length = Math.min(this.#at - at, 1 + this.#int(8));

    switch (this.#int(7)) {
      case 0: {
        page[at] = this.#byte();
        break;
      }
      case 1: {
        page[at] = (page[at] ?? 0) ^ (1 << this.#int(8));
        break;
      }
      case 2: {
        page[at] = 0x80 + this.#int(0x80); // the head of another type
        break;
      }
      case 3: {
        this.#at = at;
        break;
      }
      case 4: {
        page.copyWithin(at, at + length, this.#at);
        this.#at -= length;
        break;
      }
      case 5: {
        page.copyWithin(at + length, at, this.#at);
        this.#at += length;
        break;
      }
      default: {
        const other = this.#pick(this.#corpus);

        this.#at = at;
        this.#copy(other.subarray(Math.min(at, other.length)));
      }
    }

    this.#at = Math.min(this.#at, 256);
  }

  /** MessagePack, more or less. */
  #generated(): Uint8Array {
    const { code, fields } = LAYOUTS[this.#pick(TYPES)];
    const extra = this.#oneIn(2) ? this.#int(4) : 0;

    this.#at = 0;
    this.#put(this.#oneIn(50) ? this.#byte() : 1);
    this.#put(0x90 + fields.length + 1 + extra - (this.#oneIn(20) ? 1 : 0));
    this.#put(this.#oneIn(20) ? this.#int(16) : code);

    for (const [, max] of fields) {
      this.#oneIn(16) ? this.#value(5) : this.#integer(this.#upTo(this.#oneIn(16) ? 2 * max : max));
    }

    for (let i = 0; i < extra; i++) {
      this.#value(5);
    }

    return page.slice(0, this.#oneIn(20) ? this.#int(this.#at + 1) : this.#at);
  }

  /** A value of any type, or what looks like the beginning of one. */
  #value(depth: number): void {
    const kind = depth > 0 ? this.#int(10) : this.#int(8);

    if (this.#at > 80) {
      this.#put(0xc0);
    } else if (kind === 0) {
      this.#put(this.#byte());
    } else if (kind === 1) {
      this.#integer(this.#upTo(0xffff_ffff));
    } else if (kind === 2) {
      this.#put(0xc0 + this.#int(0x20)); // nil to map 32: what follows is its length or value
      this.#noise(this.#int(10));
    } else if (kind === 3) {
      this.#put(0xca + this.#int(10)); // floats and integers
      this.#noise(8);
    } else if (kind === 4) {
      this.#string(this.#int(12));
    } else if (kind === 5) {
      this.#put(0xd4 + this.#int(5)); // extensions of fixed length
      this.#noise(1 + (1 << this.#int(5)));
    } else if (kind === 6) {
      this.#put(0xcb);
      view.setFloat64(this.#at, this.#pick(FLOATS));
      this.#at += 8;
    } else if (kind === 7) {
      this.#put(this.#byte() & 0x7f);
    } else {
      const map = kind === 8;
      const count = this.#int(4);

      this.#put((map ? 0x80 : 0x90) + count);

      for (let i = 0; i < (map ? 2 * count : count); i++) {
        this.#value(depth - 1);
      }
    }
  }

  /** An integer in one of the encodings that have room for it. */
  #integer(value: number): void {
    const spare = this.#oneIn(8) ? this.#int(3) : 0;
    const needed = value < 0x80 ? 0 : value <= 0xff ? 1 : value <= 0xffff ? 2 : 3;
    const size = Math.min(4, needed + spare);

    if (size === 0) {
      this.#put(value);
      return;
    }

    this.#put((this.#oneIn(16) ? 0xcf : 0xcb) + size); // uint 8 to 64, int 8 to 64

    for (let shift = 8 * (2 ** (size - 1) - 1); shift >= 0; shift -= 8) {
      this.#put(shift >= 32 ? 0 : (value >>> shift) & 0xff);
    }
  }

  #string(length: number): void {
    this.#put(0xa0 + length);

    if (this.#oneIn(4)) {
      this.#copy(new TextEncoder().encode('__proto__'));
    } else {
      this.#noise(length);
    }
  }

  #bytes(): Uint8Array {
    const length = this.#oneIn(20) ? Math.floor(LARGEST ** this.#random()) : this.#int(70);
    const from = this.#int(LARGEST - length + 1);

    return noise.subarray(from, from + length);
  }

  #upTo(max: number): number {
    const where = this.#random();

    return where < 0.2 ? 0 : where < 0.4 ? max : this.#int(where < 0.7 ? Math.min(max, 200) + 1 : max + 1);
  }

  #copy(bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, page.length - this.#at);

    page.set(fitting, this.#at);
    this.#at += fitting.length;
  }

  #noise(length: number): void {
    this.#copy(noise.subarray(this.#int(1000)).subarray(0, length));
  }

  #put(byte: number): void {
    page[this.#at++] = byte;
  }

  #byte(): number {
    return this.#int(256);
  }

  #oneIn(count: number): boolean {
    return this.#random() * count < 1;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#int(list.length)] as T;
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }
}
