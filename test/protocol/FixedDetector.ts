import type { FailureDetector, PathSilence } from '@mediasoup-heartbeat/protocol';

/** To it a single miss proves death, so that the bounds alone decide when. */
class FixedSilence implements PathSilence {
  since = 0;
  missed = 0;

  get weight(): number {
    return this.missed > 0 ? Number.POSITIVE_INFINITY : 0;
  }

  get afterOutage(): this {
    return this;
  }

  reset(now: number): void {
    this.since = now;
    this.missed = 0;
  }
}

/** The plainest detector there can be: suspect after a fixed silence, dead after another. It learns nothing. */
export class FixedDetector implements FailureDetector {
  readonly peer = new FixedSilence();
  readonly path = new FixedSilence();

  begin(now: number): void {
    this.peer.reset(now);
    this.path.reset(now);
  }

  heard(now: number): void {
    this.begin(now);
  }

  pathHeard(now: number): void {
    this.path.reset(now);
  }

  missed(): void {
    this.peer.missed++;
    this.path.missed++;
  }
}
