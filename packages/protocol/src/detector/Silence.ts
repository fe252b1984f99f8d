import type { SilenceModel } from './SilenceModel.ts';

/** How long nothing has come, and what that proves. */
export class Silence {
  readonly #model: SilenceModel;
  #since = 0;
  #provenAt = 0;
  #run = 0;
  #weight = 0;
  #beyond = 0;

  constructor(model: SilenceModel) {
    this.#model = model;
  }

  /** When something came last. */
  get since(): number {
    return this.#since;
  }

  /** Misses in a row. */
  get run(): number {
    return this.#run;
  }

  /** What they prove: -ln of the probability that a living peer is silent like this. */
  get weight(): number {
    return this.#weight;
  }

  /** Misses of pings that left after the longest outage to be survived must have been over. */
  get beyond(): number {
    return this.#beyond;
  }

  /**
   * Something came, that proves that the path worked at `provenAt`: an answer was under way when the peer,
   * whose access to the network is what fails, had the ping.
   */
  broken(now: number, provenAt = now): void {
    this.#since = now;
    this.#provenAt = provenAt;
    this.#run = 0;
    this.#weight = 0;
    this.#beyond = 0;
  }

  /** A ping that left at `sentAt` was missed. `outage`: the silence that an outage alone explains. */
  missed(sentAt: number, outage: number): void {
    this.#weight += this.#model.weigh(++this.#run);

    if (sentAt - this.#provenAt >= outage) {
      this.#beyond++;
    }
  }
}
