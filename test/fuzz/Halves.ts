import {
  createArrivalDetector,
  createPingDetector,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameError,
  type Ping,
  Prober,
  Responder,
  resolveDetectorOptions,
  type Stats,
} from '../../packages/protocol/src/index.ts';
import { must, VERSION } from './examine.ts';

type Random = () => number;

const options = resolveDetectorOptions();

/** Both halves of the protocol, each with a peer that is hostile for the most part and knows what it was sent. */
export class Halves {
  readonly #random: Random;
  readonly #prober: Prober;
  readonly #responder: Responder;
  #now = 0;
  #ping: Ping | undefined;
  #sent = 0;
  /** Pings the responder was sent, apart from hostile ones. */
  #pings = 0;
  #dropped = false;
  #violated = false;

  constructor(random: Random) {
    const host = {
      send: (bytes: Uint8Array) => this.#onSend(decodeFrame(bytes, VERSION)),
      statechange: () => {},
      sample: () => {},
      dropped: (error: FrameError) => {
        must(error instanceof FrameError, () => `drops a frame for a FrameError, not ${String(error)}`);
        this.#dropped = true;
      },
      failed: (error: Error) => {
        throw error;
      },
      violation: () => {
        this.#violated = true;
      },
    };

    this.#random = random;
    this.#prober = new Prober(
      {
        detector: createPingDetector(options),
        bounds: options,
        firstPongTimeout: 15_000,
        frozenTimeout: 60_000,
        phase: 1000,
        random: () => Math.floor(random() * 2 ** 32),
        now: 0,
      },
      host,
    );
    this.#responder = new Responder(
      {
        version: VERSION,
        interval: 1000,
        detector: createArrivalDetector(options),
        firstPingTimeout: 15_000,
        instance: 1,
        now: 0,
      },
      host,
    );
    this.#prober.accept(VERSION, 0);
    this.#prober.connected(0);
    this.#responder.opened(0);
  }

  /** Whether the hostile frames were too many: nothing is taken any more. */
  get violated(): boolean {
    return this.#violated;
  }

  /** Whether a frame was dropped, after which nothing is told of the others. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Lets `pause` ms pass and both halves receive the frame. */
  receive(bytes: Uint8Array, pause: number): void {
    this.#now += pause;
    this.#sent = 0;
    this.#prober.receive(bytes, this.#now);
    this.#responder.receive(bytes, this.#now);
    must(this.#sent <= 1, () => `answers a frame by at most one, not by ${this.#sent}`);
  }

  /** Lets both halves do what is due, and receive what an honest peer would send. */
  live(): void {
    if (this.#prober.pollAt <= this.#now) {
      this.#prober.poll(this.#now);
    }

    if (this.#responder.pollAt <= this.#now) {
      this.#responder.poll(this.#now);
    }

    if (this.#ping !== undefined) {
      const { seq, token } = this.#ping;

      this.#ping = undefined;
      this.#prober.receive(
        encodeFrame(
          { type: 'pong', seq, token, hold: this.#upTo(0xffff), seen: this.#upTo(0xffff_ffff) },
          VERSION,
        ),
        this.#now,
      );
    }

    this.#pings += 1 + this.#upTo(3);
    this.#responder.receive(
      encodeFrame(
        {
          type: 'ping',
          seq: this.#pings & 0xffff,
          token: this.#upTo(0xffff_ffff),
          ack: this.#upTo(127),
          ackHold: this.#upTo(0xffff),
          pongs: this.#upTo(127),
        },
        VERSION,
      ),
      this.#now,
    );
  }

  /** Whatever a peer sends, the figures stay figures. */
  check(): void {
    checkStats(this.#prober.stats(this.#now));
    checkStats(this.#responder.stats(this.#now));
  }

  #onSend(frame: Frame): void {
    this.#sent++;

    if (frame.type === 'ping') {
      this.#ping = frame;
    }
  }

  #upTo(max: number): number {
    return Math.floor(this.#random() * (max + 1));
  }
}

function checkStats({ rtt, loss, outages, evidence, upSince, lastSeenAt, hidden, ...counts }: Stats): void {
  const { last, ...sums } = outages;
  const figures = {
    ...rtt,
    ...counts,
    ...loss,
    ...sums,
    lasted: last?.duration,
    upSince,
    lastSeenAt,
    ...evidence,
  };

  must(typeof hidden === 'boolean', () => `knows whether the page is hidden: ${hidden}`);

  for (const [name, value] of Object.entries(figures)) {
    must(
      value === undefined || (Number.isFinite(value) && value >= 0),
      () => `has a sane ${name}, not ${value}`,
    );
  }

  for (const name of ['downlink', 'uplink', 'round'] as const) {
    must((loss[name] ?? 0) <= 1, () => `has a loss of at most 1: ${name} ${loss[name]}`);
  }
}
