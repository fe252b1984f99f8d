import {
  createArrivalDetector,
  createPingDetector,
  type DetectorInput,
  type FrameError,
  type Interruption,
  Prober,
  Responder,
  resolveDetectorOptions,
  type State,
} from '@mediasoup-heartbeat/protocol';

/** How often either side asks its transport while answers are missing, in ms. */
const ASK_EVERY = 500;

/** Frames on their way in one direction. None is ever lost: they wait until the path and their receiver let them pass. */
class Link {
  held = false;
  readonly #delay: number;
  readonly #deliver: (frame: Uint8Array) => void;
  #frames: Array<{ at: number; frame: Uint8Array }> = [];
  #next = 0;

  constructor(delay: number, deliver: (frame: Uint8Array) => void) {
    this.#delay = delay;
    this.#deliver = deliver;
  }

  /** When the next frame arrives. */
  get dueAt(): number {
    return this.held ? Number.POSITIVE_INFINITY : (this.#frames[this.#next]?.at ?? Number.POSITIVE_INFINITY);
  }

  send(frame: Uint8Array, now: number): void {
    this.#frames.push({ at: now + this.#delay, frame });
  }

  deliverNext(): void {
    const { frame } = this.#frames[this.#next++] as { frame: Uint8Array };

    if (this.#next === this.#frames.length) {
      this.#frames = [];
      this.#next = 0;
    }

    this.#deliver(frame);
  }
}

/** One side of a {@link QueuedPair}. */
export class Side {
  /** Its process, or the main thread of its page, runs. */
  runs = true;
  stoppedAt = 0;
  askAt = 0;
  violations = 0;
  readonly announced: Interruption[] = [];
  readonly dropped: FrameError[] = [];
  /** The most frames that it had to read at one moment. */
  burst = 0;

  readonly host = {
    statechange: () => {},
    sample: () => {},
    dropped: (error: FrameError) => void this.dropped.push(error),
    failed: (error: Error) => {
      throw error;
    },
    violation: () => void this.violations++,
  };
}

/** Two honest sides with their real detectors, between which frames are queued and never lost. */
export class QueuedPair {
  now = 1_000_000;
  readonly server = new Side();
  readonly client = new Side();
  readonly prober: Prober;
  readonly responder: Responder;
  readonly downlink: Link;
  readonly uplink: Link;
  /** What the transports say when they are asked. `undefined`: nothing. */
  pathAlive: boolean | undefined;
  #token = 1;
  #burst = { at: 0, frames: 0 };

  constructor(input: DetectorInput) {
    const options = resolveDetectorOptions(input);

    this.downlink = new Link(10, frame => {
      this.#count(this.client);
      this.responder.receive(frame, this.now);
    });
    this.uplink = new Link(15, frame => {
      this.#count(this.server);
      this.prober.receive(frame, this.now);
    });
    this.prober = new Prober(
      {
        detector: createPingDetector(options),
        bounds: options,
        firstPongTimeout: 15_000,
        frozenTimeout: 60_000,
        phase: options.interval,
        random: () => (this.#token = (this.#token * 48_271) % 2_147_483_647),
        now: this.now,
      },
      { ...this.server.host, send: frame => this.downlink.send(frame, this.now) },
    );
    this.responder = new Responder(
      {
        version: 1,
        interval: options.interval,
        detector: createArrivalDetector(options),
        firstPingTimeout: 15_000,
        instance: 42,
        now: this.now,
      },
      { ...this.client.host, send: frame => this.uplink.send(frame, this.now) },
    );
    this.prober.accept(1, this.now);
    this.prober.connected(this.now);
    this.responder.opened(this.now);
    this.run(3 * options.interval);
  }

  get states(): State[] {
    return [this.prober.state, this.responder.state];
  }

  /** Lets `ms` pass: whoever runs does what is due, and reads what arrives. */
  run(ms: number): this {
    const end = this.now + ms;

    for (;;) {
      const downAt = this.client.runs ? this.downlink.dueAt : Number.POSITIVE_INFINITY;
      const upAt = this.server.runs ? this.uplink.dueAt : Number.POSITIVE_INFINITY;
      const serverAt = this.#wakeAt(this.server, this.prober);
      const clientAt = this.#wakeAt(this.client, this.responder);
      const next = Math.min(downAt, upAt, serverAt, clientAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (downAt <= this.now) {
        this.downlink.deliverNext();
      } else if (upAt <= this.now) {
        this.uplink.deliverNext();
      } else if (serverAt <= this.now) {
        this.prober.poll(this.now);
        this.#askServer();
      } else {
        this.responder.poll(this.now);
        this.#askClient();
      }
    }

    this.now = end;

    return this;
  }

  /** A process, or the main thread of a page, stands still. */
  stop(side: Side): this {
    side.stoppedAt = side.runs ? this.now : side.stoppedAt;
    side.runs = false;

    return this;
  }

  /** It goes on, and notices it before it reads what has come, or behind that. */
  continue(side: Side, noticesFirst = true): this {
    if (side.runs) {
      return this;
    }

    const half = side === this.server ? this.prober : this.responder;
    const from = side.stoppedAt;

    side.runs = true;

    if (noticesFirst) {
      half.stalled(from, this.now);
    } else {
      const to = this.now;

      this.run(0);
      half.stalled(from, to);
    }

    return this;
  }

  /** One side announces an interruption, if it runs. */
  announce(name: 'server' | 'client'): void {
    if (this[name].runs) {
      this[name].announced.push(this.#halfOf(name).expectInterruption(10_000, this.now));
    }
  }

  /** It ends the one that it announced last. */
  endAnnounced(name: 'server' | 'client'): void {
    const announced = this[name].runs ? this[name].announced.pop() : undefined;

    if (announced !== undefined) {
      this.#halfOf(name).interruptionOver(announced, this.now);
    }
  }

  #halfOf(name: 'server' | 'client'): Prober | Responder {
    return name === 'server' ? this.prober : this.responder;
  }

  /** When a timer of one side fires: they know whole milliseconds only. */
  #wakeAt(side: Side, { pollAt }: Prober | Responder): number {
    return side.runs ? Math.ceil(Math.min(pollAt, this.#askAt(side))) : Number.POSITIVE_INFINITY;
  }

  #askAt(side: Side): number {
    const { wantsOpinion } = side === this.server ? this.prober : this.responder;

    return wantsOpinion && this.pathAlive !== undefined ? side.askAt : Number.POSITIVE_INFINITY;
  }

  #askServer(): void {
    if (this.now >= this.#askAt(this.server)) {
      this.server.askAt = this.now + ASK_EVERY;
      this.prober.opinion(this.pathAlive === true, this.now);
    }
  }

  #askClient(): void {
    if (this.now >= this.#askAt(this.client)) {
      this.client.askAt = this.now + ASK_EVERY;
      this.responder.knock();
      this.responder.opinion(this.pathAlive === true, this.now);
    }
  }

  #count(side: Side): void {
    this.#burst = { at: this.now, frames: this.#burst.at === this.now ? this.#burst.frames + 1 : 1 };
    side.burst = Math.max(side.burst, this.#burst.frames);
  }
}
