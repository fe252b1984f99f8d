/**
 * Answers pings without allocating anything, so that a bench measures only the server side. The pong is no frame in its shortest form,
 * but one that is accepted.
 */
export class PongMaker {
  readonly pong: Uint8Array = Uint8Array.of(
    ...[1, 0x96, 2],
    ...[0xcd, 0, 0], // seq
    ...[0xce, 0, 0, 0, 0], // token
    ...[0, 0xce, 0xff, 0xff, 0xff, 0xff, 0], // hold, seen, hidden
  );
  #at = 0;

  /** The pong to that frame, which the next call changes. `undefined`: it is no ping. */
  answer(frame: Uint8Array): Uint8Array | undefined {
    if (frame[2] !== 1) {
      return undefined;
    }

    this.#at = 3;
    this.#write(4, 2, this.#read(frame));
    this.#write(7, 4, this.#read(frame));

    return this.pong;
  }

  #read(frame: Uint8Array): number {
    const head = frame[this.#at++] ?? 0;
    const length = head <= 0x7f ? 0 : head === 0xcc ? 1 : head === 0xcd ? 2 : 4;
    let value = head <= 0x7f ? head : 0;

    for (let i = 0; i < length; i++) {
      value = value * 256 + (frame[this.#at++] ?? 0);
    }

    return value;
  }

  #write(at: number, length: number, value: number): void {
    for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) {
      this.pong[at + i] = rest % 256;
    }
  }
}
