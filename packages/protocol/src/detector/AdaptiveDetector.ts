import type { DetectorOptions, FailureDetector } from './FailureDetector.ts';
import { SilenceModel } from './SilenceModel.ts';
import { SilenceRecord } from './SilenceRecord.ts';

/** The failure detector of this library. It weighs each miss by what {@link SilenceModel} has learned of the peer. */
export class AdaptiveDetector implements FailureDetector {
  readonly peer: SilenceRecord;
  readonly path: SilenceRecord;
  readonly #model: SilenceModel;

  constructor({ interval, deadAfter }: DetectorOptions, side: 'server' | 'client') {
    // Only for the server side: the client side takes its own late timers for misses sooner.
    this.#model = new SilenceModel(side === 'server' ? deadAfter - interval : undefined);
    this.peer = new SilenceRecord(this.#model, deadAfter);
    this.path = new SilenceRecord(this.#model, deadAfter);
  }

  begin(now: number): void {
    this.peer.reset(now);
    this.path.reset(now);
  }

  heard(now: number, provenAt: number, inTime: boolean): void {
    const { missed, weight } = this.peer;

    if (missed > 0) {
      this.#model.ended(missed, weight, now);
    } else if (inTime) {
      this.#model.answered();
    }

    this.peer.reset(now, provenAt);
    this.path.reset(now, provenAt);
  }

  pathHeard(now: number): void {
    this.path.reset(now);
  }

  missed(askedAt: number): void {
    this.peer.add(askedAt);
    this.path.add(askedAt);
  }
}

/** Makes the failure detector that is used where the application passes none. */
export function createAdaptiveDetector(bounds: DetectorOptions, side: 'server' | 'client'): FailureDetector {
  return new AdaptiveDetector(bounds, side);
}
