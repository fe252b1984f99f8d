import {
  AdaptiveDetector,
  ClientEndpoint,
  decodeFrame,
  encodeFrame,
  FrameError,
  type Ping,
  resolveDetectorOptions,
  ServerEndpoint,
  type Stats,
} from '../../packages/protocol/src/index.ts';
import { must, VERSION } from './examine.ts';

type Random = () => number;

const bounds = resolveDetectorOptions();

/** Both sides of the protocol, each with a peer that is hostile for the most part and knows what it was sent. */
export class Sides {
  readonly #random: Random;
  readonly #server: ServerEndpoint;
  readonly #client: ClientEndpoint;
  #now = 0;
  #ping: Ping | undefined;
  #sent = 0;
  /** Pings the client side was sent, apart from hostile ones. */
  #pings = 0;
  #dropped = false;
  #violated = false;

  constructor(random: Random) {
    this.#random = random;
    this.#server = new ServerEndpoint({
      bounds,
      detector: new AdaptiveDetector(bounds, 'server'),
      firstPongTimeout: 15_000,
      frozenTimeout: 60_000,
      phase: 1000,
      random: () => Math.floor(random() * 2 ** 32),
      now: 0,
    });
    this.#client = new ClientEndpoint({
      bounds,
      detector: new AdaptiveDetector(bounds, 'client'),
      version: VERSION,
      firstPingTimeout: 15_000,
      instance: 1,
      now: 0,
    });
    this.#server.accept(VERSION, 0);
    this.#server.connected(0);
    this.#client.opened(0);
    this.#drain();
  }

  /** Whether the hostile frames were too many: nothing is taken any more. */
  get violated(): boolean {
    return this.#violated;
  }

  /** Whether a frame was dropped, after which nothing is told of the others. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Lets `pause` ms pass and both sides receive the frame. */
  receive(bytes: Uint8Array, pause: number): void {
    this.#now += pause;
    this.#sent = 0;
    this.#tellServer(bytes);
    this.#tellClient(bytes);
    must(this.#sent <= 1, () => `answers a frame by at most one, not by ${this.#sent}`);
  }

  /** Lets both sides do what is due, and receive what an honest peer would send. */
  live(): void {
    for (const side of [this.#server, this.#client]) {
      if (side.nextTimeout <= this.#now) {
        side.handleTimeout(this.#now);
      }
    }

    this.#drain();

    if (this.#ping !== undefined) {
      const { seq, token } = this.#ping;

      this.#ping = undefined;
      this.#tellServer(
        encodeFrame(
          { type: 'pong', seq, token, hold: this.#upTo(0xffff), seen: this.#upTo(0xffff_ffff) },
          VERSION,
        ),
      );
    }

    this.#pings += 1 + this.#upTo(3);
    this.#tellClient(
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
    );
  }

  /** Whatever a peer sends, the figures stay figures. */
  check(): void {
    checkStats(this.#server.stats(this.#now));
    checkStats(this.#client.stats(this.#now));
  }

  #tellServer(bytes: Uint8Array): void {
    this.#server.handleFrame(bytes, this.#now);
    this.#drain();
  }

  #tellClient(bytes: Uint8Array): void {
    this.#client.handleFrame(bytes, this.#now);
    this.#drain();
  }

  /** Takes what both sides have to say. A path probe is answered by what it likes. */
  #drain(): void {
    for (const side of [this.#server, this.#client]) {
      if (side.pollPathProbe()) {
        side.handlePath({ received: this.#upTo(1000) }, this.#now);
      }

      for (let bytes = side.pollTransmit(); bytes !== undefined; bytes = side.pollTransmit()) {
        const frame = decodeFrame(bytes, VERSION);

        this.#sent++;
        this.#ping = frame.type === 'ping' ? frame : this.#ping;
      }

      for (let event = side.poll(); event !== undefined; event = side.poll()) {
        const { type } = event;

        must(type !== 'fault', () => `handles every frame, and does not fail: ${JSON.stringify(event)}`);
        this.#violated ||= type === 'violation';

        if (type === 'dropped') {
          const { error } = event;

          must(error instanceof FrameError, () => `drops a frame for a FrameError, not ${String(error)}`);
          this.#dropped = true;
        }
      }
    }
  }

  #upTo(max: number): number {
    return Math.floor(this.#random() * (max + 1));
  }
}

function checkStats({ rtt, loss, outages, evidence, upSince, lastSeenAt, hidden, ...counts }: Stats): void {
  const { last, ...sums } = outages;
  const { localHealth, ...numbers } = counts;
  const { path, ...weights } = evidence;
  const figures = {
    ...rtt,
    ...numbers,
    ...loss,
    ...sums,
    lasted: last?.duration,
    upSince,
    lastSeenAt,
    ...weights,
  };

  must(localHealth === 'well', () => `is well, not ${localHealth}`);
  must(['carries', 'silent', 'unknown'].includes(path), () => `knows what the path carries: ${path}`);
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
