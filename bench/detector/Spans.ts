import type { Random } from './Random.ts';

/** A recurring condition that lasts for a time. Times in ms. */
export type SpanSpec = {
  /** Mean time from the end of one to the start of the next, exponential beyond `least`. */
  every: number;
  /** The range of its length, uniform. */
  from: number;
  to: number;
  /** The least time between two. */
  least?: number;
  /** The most time between two: then it is uniform from `least` to this. */
  most?: number;
  /** Nothing begins before this time. */
  after?: number;
  /** Begins only in the first `on` ms of every `of` ms: spells, and regimes. */
  during?: { on: number; of: number };
};

/** Spans of time in order, drawn in advance, so that they are the same for every detector. */
export class Spans {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  #at = 0;

  constructor(spec: SpanSpec | undefined, random: Random, horizon: number) {
    if (spec === undefined) {
      return;
    }

    const { least = 0, most, after = 0, during } = spec;

    for (let at = after; ; ) {
      at += most === undefined ? least + random.exponential(spec.every - least) : random.between(least, most);

      if (during !== undefined && (at - after) % during.of >= during.on) {
        at = after + Math.ceil((at - after) / during.of) * during.of;

        if (at >= horizon) {
          return;
        }
      }

      const end = at + random.between(spec.from, spec.to);

      if (end >= horizon) {
        return;
      }

      this.add(at, end);
      at = end;
    }
  }

  /** Adds a span after all others. */
  add(start: number, end: number): void {
    this.starts.push(start);
    this.ends.push(end);
  }

  /** The end of the span that contains `time`, or `undefined`. Fast for times that mostly grow. */
  endOf(time: number): number | undefined {
    const { starts, ends } = this;

    while (this.#at > 0 && time < (ends[this.#at - 1] as number)) {
      this.#at--;
    }

    while (this.#at < ends.length && time >= (ends[this.#at] as number)) {
      this.#at++;
    }

    return this.#at < ends.length && time >= (starts[this.#at] as number) ? ends[this.#at] : undefined;
  }

  /** Whether a span touches the time between `from` and `to`. */
  touches(from: number, to: number): boolean {
    for (let at = this.starts.length - 1; at >= 0; at--) {
      if ((this.starts[at] as number) < to) {
        return (this.ends[at] as number) > from;
      }
    }

    return false;
  }

  /** How far into its span `time` is, from 0 to 1, or -1. */
  progress(time: number): number {
    const end = this.endOf(time);

    if (end === undefined) {
      return -1;
    }

    const start = this.starts[this.#at] as number;

    return (time - start) / (end - start);
  }
}
