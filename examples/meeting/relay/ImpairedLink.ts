import { type Impairment, type Tally, UNIMPAIRED } from './Impairment.ts';

/** Delivers a packet. */
export type Deliver = (bytes: Buffer) => void;

type Packet = { takenAt: number; at: number; bytes: Buffer; deliver: Deliver };

/** One direction of a path: delivers packets late, twice, corrupted or not at all. */
export class ImpairedLink {
  /** What happens to packets from now on. Packets in flight keep their time. */
  impairment: Impairment = { ...UNIMPAIRED };
  readonly tally: Tally = { forwarded: 0, bytes: 0, lost: 0, duplicated: 0, corrupted: 0 };
  /** Is called for each packet that leaves, with the time that it was delayed, in ms. */
  onrelease: (heldFor: number) => void = () => {};
  readonly #random: () => number;
  /** Packets in flight, the next first. */
  #underWay: Packet[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the link has sent what waits in its queue. */
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Accepts a packet, and delivers it at its time. */
  take(bytes: Buffer, deliver: Deliver): void {
    const { blackout, blocksMedia, loss, duplicate } = this.impairment;

    if (blackout || (blocksMedia && isMedia(bytes)) || this.#happens(loss)) {
      this.tally.lost++;
      return;
    }

    this.#forward(bytes, deliver);

    if (this.#happens(duplicate)) {
      this.tally.duplicated++;
      this.#forward(bytes, deliver);
    }
  }

  /** Drops the packets in flight. */
  close(): void {
    clearTimeout(this.#timer);
    this.#underWay = [];
  }

  #forward(original: Buffer, deliver: Deliver): void {
    const { delay, jitter, corrupt, reorder } = this.impairment;
    const takenAt = performance.now();
    const sentAt = this.#queue(original.length, takenAt);

    if (sentAt === undefined) {
      this.tally.lost++;
      return;
    }

    const bytes = this.#happens(corrupt) ? this.#corrupted(original) : original;
    const latest = this.#underWay.at(-1)?.at ?? 0;
    const at = sentAt + delay + jitter * this.#random();

    this.tally.forwarded++;
    this.tally.bytes += bytes.length;

    if (at <= takenAt && this.#underWay.length === 0) {
      deliver(bytes);
      this.onrelease(0);
      return;
    }

    this.#underWay.push({ takenAt, at: reorder ? at : Math.max(at, latest), bytes, deliver });

    if (reorder) {
      this.#underWay.sort((a, b) => a.at - b.at);
    }

    this.#arm();
  }

  /** When so many bytes have been sent. `undefined`: the queue is full. */
  #queue(bytes: number, now: number): number | undefined {
    const { rate, queue } = this.impairment;

    if (rate === 0) {
      return now;
    }

    const bytesPerMs = rate / 8000;
    const freeAt = Math.max(now, this.#freeAt);

    if ((freeAt - now) * bytesPerMs + bytes > queue) {
      return undefined;
    }

    this.#freeAt = freeAt + bytes / bytesPerMs;

    return this.#freeAt;
  }

  #corrupted(original: Buffer): Buffer {
    const bytes = Buffer.from(original);
    const at = Math.floor(this.#random() * bytes.length);

    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
    this.tally.corrupted++;

    return bytes;
  }

  #arm(): void {
    const [next] = this.#underWay;

    clearTimeout(this.#timer);

    if (next !== undefined) {
      this.#timer = setTimeout(() => this.#deliverDue(), Math.max(0, next.at - performance.now()));
    }
  }

  #deliverDue(): void {
    const time = performance.now();

    for (let next = this.#underWay[0]; next !== undefined && next.at <= time; next = this.#underWay[0]) {
      this.#underWay.shift();
      next.deliver(next.bytes);
      this.onrelease(performance.now() - next.takenAt);
    }

    this.#arm();
  }

  #happens(share: number): boolean {
    return share > 0 && this.#random() < share;
  }
}

/** Whether a packet is RTP or RTCP, by its first byte (RFC 7983). */
function isMedia([first = 0]: Buffer): boolean {
  return first >= 128 && first <= 191;
}
