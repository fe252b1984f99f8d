import {
  AdaptiveDetector,
  ClientEndpoint,
  type DetectorInput,
  type Endpoint,
  type Interruption,
  resolveDetectorOptions,
  ServerEndpoint,
  type State,
} from '@mediasoup-heartbeat/protocol';
import { Told } from './SimulatedPair.ts';

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
export class Side extends Told {
  /** Its process, or the main thread of its page, runs. */
  runs = true;
  stoppedAt = 0;
  readonly announced: Interruption[] = [];
  /** The most frames that it had to read at one moment. */
  burst = 0;
}

/** Two honest sides with their real detectors, between which frames are queued and never lost. */
export class QueuedPair {
  now = 1_000_000;
  readonly server = new Side();
  readonly client = new Side();
  readonly serverSide: ServerEndpoint;
  readonly clientSide: ClientEndpoint;
  readonly downlink: Link;
  readonly uplink: Link;
  /** Whether the transports have received something whenever they are read. `undefined`: they cannot be read. */
  pathAlive: boolean | undefined;
  #received = 0;
  #token = 1;
  #burst = { at: 0, frames: 0 };

  constructor(input: DetectorInput) {
    const bounds = resolveDetectorOptions(input);

    this.downlink = new Link(10, frame => {
      this.#count(this.client);
      this.clientSide.handleFrame(frame, this.now);
    });
    this.uplink = new Link(15, frame => {
      this.#count(this.server);
      this.serverSide.handleFrame(frame, this.now);
    });
    this.serverSide = new ServerEndpoint({
      bounds,
      detector: new AdaptiveDetector(bounds, 'server'),
      firstPongTimeout: 15_000,
      frozenTimeout: 60_000,
      phase: bounds.interval,
      random: () => (this.#token = (this.#token * 48_271) % 2_147_483_647),
      now: this.now,
    });
    this.clientSide = new ClientEndpoint({
      bounds,
      detector: new AdaptiveDetector(bounds, 'client'),
      version: 1,
      firstPingTimeout: 15_000,
      instance: 42,
      now: this.now,
    });
    this.serverSide.accept(1, this.now);
    this.serverSide.connected(this.now);
    this.clientSide.opened(this.now);
    this.run(3 * bounds.interval);
  }

  get states(): State[] {
    return [this.serverSide.state, this.clientSide.state];
  }

  /** Lets `ms` pass: whoever runs does what is due, and reads what arrives. */
  run(ms: number): this {
    const end = this.now + ms;

    // What has been done to the endpoints since the last time.
    this.#drain();

    for (;;) {
      const downAt = this.client.runs ? this.downlink.dueAt : Number.POSITIVE_INFINITY;
      const upAt = this.server.runs ? this.uplink.dueAt : Number.POSITIVE_INFINITY;
      const serverAt = this.#wakeAt(this.server, this.serverSide);
      const clientAt = this.#wakeAt(this.client, this.clientSide);
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
        this.serverSide.handleTimeout(this.now);
      } else {
        this.clientSide.handleTimeout(this.now);
      }

      this.#drain();
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

    const endpoint = this.#endpointOf(side);
    const from = side.stoppedAt;

    side.runs = true;

    if (noticesFirst) {
      endpoint.handleStall(from, this.now);
    } else {
      const to = this.now;

      this.run(0);
      endpoint.handleStall(from, to);
    }

    return this;
  }

  /** One side announces an interruption, if it runs. */
  announce(name: 'server' | 'client'): void {
    if (this[name].runs) {
      this[name].announced.push(this.#endpointOf(this[name]).expectInterruption(10_000, this.now));
    }
  }

  /** It ends the one that it announced last. */
  endAnnounced(name: 'server' | 'client'): void {
    const announced = this[name].runs ? this[name].announced.pop() : undefined;

    if (announced !== undefined) {
      this.#endpointOf(this[name]).endInterruption(announced, this.now);
    }
  }

  #endpointOf(side: Side): Endpoint {
    return side === this.server ? this.serverSide : this.clientSide;
  }

  /** When a timer of one side fires: they know whole milliseconds only. */
  #wakeAt(side: Side, { nextTimeout }: Endpoint): number {
    return side.runs ? Math.ceil(nextTimeout) : Number.POSITIVE_INFINITY;
  }

  #drain(): void {
    this.#drainOne(this.server, this.downlink);
    this.#drainOne(this.client, this.uplink);
  }

  #drainOne(side: Side, link: Link): void {
    const endpoint = this.#endpointOf(side);

    for (let frame = endpoint.pollTransmit(); frame !== undefined; frame = endpoint.pollTransmit()) {
      link.send(frame, this.now);
    }

    if (endpoint.pollPathProbe()) {
      this.#received += this.pathAlive ? 1 : 0;
      endpoint.handlePath(this.pathAlive === undefined ? undefined : { received: this.#received }, this.now);
      this.#drainOne(side, link);
    }

    for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {
      if (event.type === 'fault') {
        throw event.error;
      }

      side.take(event);
    }
  }

  #count(side: Side): void {
    this.#burst = { at: this.now, frames: this.#burst.at === this.now ? this.#burst.frames + 1 : 1 };
    side.burst = Math.max(side.burst, this.#burst.frames);
  }
}
