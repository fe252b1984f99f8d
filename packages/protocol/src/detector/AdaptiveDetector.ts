import type { DetectorOptions, FailureDetector } from './FailureDetector.ts';
import { SilenceLimit } from './SilenceLimit.ts';
import { DEEP, SilenceModel } from './SilenceModel.ts';
import { SilenceRecord } from './SilenceRecord.ts';

/** What `deadAfter` leaves for answers that come late, in ms. The rest of it is for an interval and an outage. */
const FOR_DELAY = 250;

/** The longest silence that is assumed before any was seen, as a share of the longest outage to be survived. */
const FIRST_SILENCE = 1 / 2;

/** The failure detector of this library. It weighs each miss by what it has learned of the peer. */
export class AdaptiveDetector implements FailureDetector {
  readonly peer: SilenceRecord;
  readonly path: SilenceRecord;
  readonly #model: SilenceModel;
  readonly #limit: SilenceLimit;

  constructor({ interval, deadAfter }: DetectorOptions, side: 'server' | 'client') {
    const outage = Math.max(0, deadAfter - interval - FOR_DELAY);

    // Only for the server side: the client side takes its own late timers for misses sooner.
    this.#model = new SilenceModel(side === 'server' ? deadAfter - interval : undefined);
    this.#limit = new SilenceLimit(outage * FIRST_SILENCE);
    this.peer = new SilenceRecord(this.#model, this.#limit, outage, deadAfter);
    this.path = new SilenceRecord(this.#model, this.#limit, outage, deadAfter);
  }

  begin(now: number): void {
    this.peer.reset(now);
    this.path.reset(now);
  }

  heard(now: number, provenAt: number, inTime: boolean): void {
    const { missed, weight } = this.peer;

    if (missed > 0) {
      this.#model.ended(missed, weight);
    } else if (inTime) {
      this.#model.answered();
      this.#limit.answered();
    }

    this.#pathHeard(now, provenAt);
    this.peer.reset(now, provenAt);
  }

  pathHeard(now: number): void {
    this.#pathHeard(now, now);
  }

  missed(askedAt: number): void {
    this.peer.add(askedAt);
    this.path.add(askedAt);
  }

  #pathHeard(now: number, provenAt: number): void {
    // Of a page that hangs only the path tells how long links are silent.
    if (this.path.missed >= DEEP) {
      this.#limit.ended(this.path.deepFor);
    }

    this.path.reset(now, provenAt);
  }
}

/** Makes the failure detector that is used where the application passes none. */
export function createAdaptiveDetector(bounds: DetectorOptions, side: 'server' | 'client'): FailureDetector {
  return new AdaptiveDetector(bounds, side);
}
