import { Random } from './Random.ts';
import { type SpanSpec, Spans } from './Spans.ts';

/** One direction of a path. Times in ms, fractions from 0 to 1. */
export type LinkSpec = {
  /** Delay of every packet, and the mean of the random delay on top (exponential). */
  delay: number;
  jitter: number;
  /** Independent loss. */
  loss?: number;
  /**
   * Gilbert's model in continuous time: good and bad periods of exponential length. Packets that leave in a bad period
   * are lost, except for the fraction `through` (Elliott). `loss` is the fraction of bad time.
   */
  burst?: { loss: number; mean: number; through?: number };
  /** Radio retransmissions and scans: packets that leave meanwhile arrive at the end, in order. */
  spikes?: SpanSpec;
  /** A queue that fills up to `peak` ms and drains again. It fills within the share `fills` of its time, default 0.7. */
  bloat?: SpanSpec & { peak: number; fills?: number };
  /** The fraction of packets that overtake or are overtaken. */
  reorder?: number;
};

/** Decides when a packet arrives on a link, if at all. */
export class Link {
  readonly #spec: LinkSpec;
  readonly #packets: Random;
  readonly #weather: Random;
  readonly #spikes: Spans;
  readonly #bloat: Spans;
  readonly #goodMean: number;
  #bad = false;
  #switchAt = Number.POSITIVE_INFINITY;
  #lastArrival = 0;

  constructor(spec: LinkSpec, seed: number, stream: number, horizon: number) {
    this.#spec = spec;
    // The link's own behaviour must not depend on how often a detector pings.
    this.#packets = new Random(seed, stream);
    this.#weather = new Random(seed, stream + 100);
    this.#spikes = new Spans(spec.spikes, this.#weather, horizon);
    this.#bloat = new Spans(spec.bloat, this.#weather, horizon);
    this.#goodMean = 0;

    if (spec.burst !== undefined) {
      const { loss, mean } = spec.burst;

      this.#goodMean = (mean * (1 - loss)) / loss;
      this.#bad = this.#weather.next() < loss;
      this.#switchAt = this.#weather.exponential(this.#bad ? mean : this.#goodMean);
    }
  }

  /** When a packet that leaves at `time` arrives. `Infinity`: never. It is held until `held` first. */
  transit(time: number, held = time): number {
    const { delay, jitter, loss, reorder } = this.#spec;

    if (this.#isLost(time, loss)) {
      return Number.POSITIVE_INFINITY;
    }

    let arrival = held + delay;

    if (jitter > 0) {
      arrival += this.#packets.exponential(jitter);
    }

    if (this.#spec.bloat !== undefined) {
      const progress = this.#bloat.progress(time);

      if (progress >= 0) {
        const { peak, fills = 0.7 } = this.#spec.bloat;

        arrival += peak * (progress < fills ? progress / fills : (1 - progress) / (1 - fills));
      }
    }

    if (this.#spec.spikes !== undefined) {
      const end = this.#spikes.endOf(time);

      arrival = end === undefined ? arrival : Math.max(arrival, end + delay);
    }

    if (reorder === undefined || this.#packets.next() >= reorder) {
      arrival = Math.max(arrival, this.#lastArrival);
      this.#lastArrival = arrival;
    }

    return arrival;
  }

  #isLost(time: number, loss: number | undefined): boolean {
    const { burst } = this.#spec;

    if (burst !== undefined) {
      for (; time >= this.#switchAt; this.#bad = !this.#bad) {
        this.#switchAt += this.#weather.exponential(this.#bad ? this.#goodMean : burst.mean);
      }

      if (this.#bad && (burst.through === undefined || this.#packets.next() >= burst.through)) {
        return true;
      }
    }

    return loss !== undefined && this.#packets.next() < loss;
  }
}
