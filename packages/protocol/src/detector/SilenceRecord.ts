import type { PathSilence } from './FailureDetector.ts';
import type { SilenceModel } from './SilenceModel.ts';

/** The present silence, weighed by what is known of the peer. */
export class SilenceRecord implements PathSilence {
  since = 0;
  missed = 0;
  weight = 0;
  readonly afterOutage = { missed: 0, weight: 0 };
  readonly #model: SilenceModel;
  /** The silence that an outage alone explains, in ms. */
  readonly #outage: number;
  #provenAt = 0;

  constructor(model: SilenceModel, outage: number) {
    this.#model = model;
    this.#outage = outage;
  }

  /**
   * Something came at `now`, and proves that the path worked at `provenAt`: it is the peer's access to the network that fails, and
   * an answer left there half a round trip ago.
   */
  reset(now: number, provenAt: number = now): void {
    this.since = now;
    this.#provenAt = provenAt;
    this.missed = 0;
    this.weight = 0;
    this.afterOutage.missed = 0;
    this.afterOutage.weight = 0;
  }

  /** What was asked for at `askedAt` has not come. */
  add(askedAt: number): void {
    this.weight += this.#model.weigh(++this.missed);

    if (askedAt - this.#provenAt >= this.#outage) {
      // Each by itself, as if it were the first: the outage that explains the others is over.
      this.afterOutage.missed++;
      this.afterOutage.weight = this.afterOutage.missed * this.#model.weigh(1);
    }
  }
}
