import {
  ClientEndpoint,
  type DetectorOptions,
  type Evidence,
  type Frame,
  type State,
} from '@mediasoup-heartbeat/protocol';
import { Walk } from './Walk.ts';

/** A client side whose frames nobody reads. */
export class Client extends ClientEndpoint {
  get figures(): Evidence {
    return this.evidence(0);
  }

  protected override transmit(_frame: Frame): void {}
}

/** A walk of the side that answers. `delay` is how far apart pings are. */
export class ClientWalk extends Walk {
  readonly endpoint: Client;
  protected readonly doubted: readonly State[] = ['dead'];
  #seq = 0;

  constructor(bounds: DetectorOptions) {
    super(bounds, 'client', 1500);
    this.endpoint = new Client({
      bounds,
      detector: this.detector,
      version: 1,
      firstPingTimeout: Number.POSITIVE_INFINITY,
      instance: 1,
      now: this.now,
    });
    this.endpoint.opened(this.now);
    this.apply({ kind: 'start' });
  }

  protected start(): void {
    this.endpoint.thaw(this.now);
    this.delay = undefined;
    this.#pings(this.now);
    this.receive(...(this.arrivals.splice(0) as [(typeof this.arrivals)[0]]));
  }

  protected stop(): void {
    this.endpoint.freeze(this.now);
  }

  protected override passes(delay: number | undefined): void {
    const next = this.arrivals[0]?.at ?? Number.POSITIVE_INFINITY;

    this.arrivals = [];

    if (delay !== undefined) {
      this.#pings(Math.min(next, this.now + delay));
    }
  }

  protected override arrived(): void {
    if (this.delay !== undefined) {
      this.#pings(this.now + this.delay);
    }
  }

  #pings(at: number): void {
    this.arrivals = [];
    this.arrives({
      at,
      frame: { type: 'ping', seq: this.#seq++ % 0x1_0000, token: 1, ack: 0, ackHold: 0, pongs: 0 },
      isExpected: () => {
        // A page that gets a ping is not frozen any more.
        this.isRunning = true;

        return true;
      },
    });
  }
}
