import type {
  ArrivalDetector,
  FrameError,
  PingDetector,
  Reason,
  Sample,
  StateChange,
} from '@mediasoup-heartbeat/protocol';
import { Prober, Responder, resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import { FixedDetector } from './FixedDetector.ts';

type Delivery = { at: number; order: number; deliver: () => void };

/** What a network does to the frames of one direction. */
export type Direction = {
  /** Delay of the next frame in ms. `undefined`: the frame is lost. */
  delay: () => number | undefined;
};

/** What one half told its owner. */
export type Half = {
  changes: StateChange[];
  samples: Sample[];
  dropped: FrameError[];
  failures: Error[];
  violations: number;
};

/** Both halves of the protocol over a simulated network on a simulated clock. */
export class SimulatedPair {
  now = 1_000_000;
  readonly downlink: Direction = { delay: () => 10 };
  readonly uplink: Direction = { delay: () => 15 };
  readonly server: Half = { changes: [], samples: [], dropped: [], failures: [], violations: 0 };
  readonly client: Half = { changes: [], samples: [], dropped: [], failures: [], violations: 0 };
  readonly prober: Prober;
  responder: Responder;
  /** Every frame that the server sent, as bytes. */
  readonly sentByServer: Uint8Array[] = [];
  /** Every frame that the client sent, as bytes. */
  readonly sentByClient: Uint8Array[] = [];
  /** Whether the client half gets anything at all: a hung page does not. */
  clientRuns = true;
  /** Whether the server half runs at all: a hung process does not. */
  serverRuns = true;
  /** What the server's transport says of a path that is not up. */
  whyNotConnected: Reason | undefined = 'not-connected';
  readonly #inFlight: Delivery[] = [];
  #sent = 0;
  #token = 1;

  constructor({
    pingDetector = new FixedDetector(),
    arrivalDetector = new FixedDetector(),
  }: { pingDetector?: PingDetector; arrivalDetector?: ArrivalDetector } = {}) {
    this.prober = new Prober(
      {
        detector: pingDetector,
        bounds: resolveDetectorOptions(),
        firstPongTimeout: 15_000,
        frozenTimeout: 60_000,
        phase: 1000,
        random: () => (this.#token = (this.#token * 48_271) % 2_147_483_647),
        now: this.now,
      },
      {
        send: frame => {
          this.sentByServer.push(frame);
          this.#carry(this.downlink, () => {
            if (this.clientRuns) {
              this.responder.receive(frame, this.now);
            }
          });
        },
        whyNotConnected: () => this.whyNotConnected,
        ...hostOf(this.server),
      },
    );
    this.responder = this.#respond(42, arrivalDetector);
  }

  /** Negotiates and connects both halves, and runs until the first pong. */
  connect(): this {
    this.prober.accept(1, this.now);
    this.prober.connected(this.now);
    this.responder.opened(this.now);

    return this.run(50);
  }

  /** Puts another client half in the place of the one that is there, which is gone without a word. */
  replaceResponder(instance: number, detector: ArrivalDetector = new FixedDetector()): this {
    this.responder = this.#respond(instance, detector);
    this.responder.opened(this.now);

    return this;
  }

  /** Lets `ms` pass, calling both halves whenever they want and delivering whatever arrives. */
  run(ms: number): this {
    const end = this.now + ms;

    for (;;) {
      this.#inFlight.sort((a, b) => a.at - b.at || a.order - b.order);

      const deliverAt = this.#inFlight[0]?.at ?? Number.POSITIVE_INFINITY;
      const serverAt = this.serverRuns ? this.prober.pollAt : Number.POSITIVE_INFINITY;
      const clientAt = this.clientRuns ? this.responder.pollAt : Number.POSITIVE_INFINITY;
      const next = Math.min(deliverAt, serverAt, clientAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (deliverAt <= this.now) {
        this.#inFlight.shift()?.deliver();
      } else if (serverAt <= this.now) {
        this.prober.poll(this.now);
      } else {
        this.responder.poll(this.now);
      }
    }

    this.now = end;

    return this;
  }

  /** Loses everything in both directions. */
  cut(): this {
    this.downlink.delay = () => undefined;
    this.uplink.delay = () => undefined;

    return this;
  }

  /** Loses nothing any more. */
  mend(): this {
    this.downlink.delay = () => 10;
    this.uplink.delay = () => 15;

    return this;
  }

  #respond(instance: number, detector: ArrivalDetector): Responder {
    return new Responder(
      {
        version: 1,
        interval: 1000,
        detector,
        firstPingTimeout: 15_000,
        instance,
        now: this.now,
      },
      {
        send: frame => {
          this.sentByClient.push(frame);
          this.#carry(this.uplink, () => {
            if (this.serverRuns) {
              this.prober.receive(frame, this.now);
            }
          });
        },
        ...hostOf(this.client),
      },
    );
  }

  #carry(direction: Direction, deliver: () => void): void {
    const delay = direction.delay();

    if (delay !== undefined) {
      this.#inFlight.push({ at: this.now + delay, order: this.#sent++, deliver });
    }
  }
}

/** The states that a half went through, with their reasons. */
export function storyOf(half: Half): string[] {
  return half.changes.map(({ state, reason }) => `${state}: ${reason}`);
}

function hostOf(half: Half) {
  return {
    statechange: (change: StateChange) => void half.changes.push(change),
    sample: (sample: Sample) => void half.samples.push(sample),
    dropped: (error: FrameError) => void half.dropped.push(error),
    failed: (error: Error) => void half.failures.push(error),
    violation: () => void half.violations++,
  };
}
