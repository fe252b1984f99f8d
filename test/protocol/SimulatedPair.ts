import {
  AdaptiveDetector,
  ClientEndpoint,
  type DetectorOptions,
  type Endpoint,
  type EndpointEvent,
  encodeFrame,
  type FailureDetector,
  type Frame,
  type FrameError,
  type LocalHealth,
  type Outage,
  type PathCounters,
  type Recovered,
  type Recovering,
  resolveDetectorOptions,
  type Sample,
  ServerEndpoint,
  type StateChange,
} from '@mediasoup-heartbeat/protocol';

type Delivery = { at: number; order: number; deliver: () => void };

/** What a network does to the frames of one direction. */
export type Direction = {
  /** Delay of the next frame in ms. `undefined`: the frame is lost. */
  delay: () => number | undefined;
};

/** What one side told its owner. */
export class Told {
  readonly changes: StateChange[] = [];
  readonly samples: Sample[] = [];
  readonly dropped: FrameError[] = [];
  readonly faults: Error[] = [];
  readonly outages: Outage[] = [];
  readonly recovering: Recovering[] = [];
  readonly recovered: Recovered[] = [];
  violations = 0;

  take(event: EndpointEvent): void {
    switch (event.type) {
      case 'change': {
        this.changes.push(event.change);
        break;
      }
      case 'sample': {
        this.samples.push(event.sample);
        break;
      }
      case 'outage': {
        this.outages.push(event.outage);
        break;
      }
      case 'dropped': {
        this.dropped.push(event.error);
        break;
      }
      case 'fault': {
        this.faults.push(event.error);
        break;
      }
      case 'recovering': {
        this.recovering.push(event.recovering);
        break;
      }
      case 'recovered': {
        this.recovered.push(event.recovered);
        break;
      }
      case 'violation': {
        this.violations++;
      }
    }
  }
}

/** What a pair may be made of. */
export type PairInput = {
  serverBounds?: DetectorOptions;
  clientBounds?: DetectorOptions;
  serverDetector?: FailureDetector;
  clientDetector?: FailureDetector;
  /** The health of the server side. */
  health?: readonly LocalHealth[];
};

/** Both sides of the protocol over a simulated network on a simulated clock. */
export class SimulatedPair {
  now = 1_000_000;
  readonly downlink: Direction = { delay: () => 10 };
  readonly uplink: Direction = { delay: () => 15 };
  readonly server = new Told();
  readonly client = new Told();
  readonly serverSide: ServerEndpoint;
  clientSide: ClientEndpoint;
  /** Every frame that the server sent, as bytes. */
  readonly sentByServer: Uint8Array[] = [];
  /** Every frame that the client sent, as bytes. */
  readonly sentByClient: Uint8Array[] = [];
  /** Whether the client side gets anything at all: a hung page does not. */
  clientRuns = true;
  /** Whether the server side runs at all: a hung process does not. */
  serverRuns = true;
  /** Whether the network stack of the other side is still heard, by the counters of the transport. */
  readonly stackHeardBy = { server: false, client: false };
  /** How long the transport of a side takes to be read, in ms. `undefined`: it does not answer. */
  readonly readsWithin: Record<'server' | 'client', number | undefined> = { server: 0, client: 0 };
  /** When it was to be read last. */
  readonly readAt = { server: 0, client: 0 };
  /** What the transport of a side says when it is read. `undefined`: it cannot be read. */
  readonly countersOf: Record<'server' | 'client', () => PathCounters | undefined> = {
    server: () => this.#counters('server'),
    client: () => this.#counters('client'),
  };
  readonly #inFlight: Delivery[] = [];
  #sent = 0;
  #received = 0;
  #token = 1;

  constructor({
    serverBounds = resolveDetectorOptions(),
    clientBounds = resolveDetectorOptions(),
    serverDetector = new AdaptiveDetector(serverBounds, 'server'),
    clientDetector = new AdaptiveDetector(clientBounds, 'client'),
    health = [],
  }: PairInput = {}) {
    this.serverSide = new ServerEndpoint({
      bounds: serverBounds,
      detector: serverDetector,
      firstPongTimeout: 15_000,
      frozenTimeout: 60_000,
      phase: serverBounds.interval,
      health,
      random: () => (this.#token = (this.#token * 48_271) % 2_147_483_647),
      now: this.now,
    });
    this.clientSide = this.#newClient(clientBounds, clientDetector, 42);
  }

  /** Another client side takes the place of the first, without a word. */
  replaceClient(instance: number): this {
    const bounds = resolveDetectorOptions();

    this.clientSide = this.#newClient(bounds, new AdaptiveDetector(bounds, 'client'), instance);
    this.feedClient((client, now) => client.opened(now));

    return this;
  }

  /** Gives the server side an input now, and does what follows from it. */
  feedServer<T>(input: (endpoint: ServerEndpoint, now: number) => T): T {
    const result = input(this.serverSide, this.now);

    this.drain();

    return result;
  }

  /** Gives the client side an input now, and does what follows from it. */
  feedClient<T>(input: (endpoint: ClientEndpoint, now: number) => T): T {
    const result = input(this.clientSide, this.now);

    this.drain();

    return result;
  }

  /** A frame, or what is none, comes to the server side now. */
  tellServer(frame: Frame | Uint8Array): void {
    this.feedServer((server, now) => server.handleFrame(bytesOf(frame), now));
  }

  /** The same for the client side. */
  tellClient(frame: Frame | Uint8Array): void {
    this.feedClient((client, now) => client.handleFrame(bytesOf(frame), now));
  }

  /** Negotiates and connects both sides, and runs until the first pong. */
  connect(): this {
    this.feedServer((server, now) => {
      server.accept(1, now);
      server.connected(now);
    });
    this.feedClient((client, now) => client.opened(now));

    return this.run(50);
  }

  /** Lets `ms` pass, calling both sides whenever they want, at whole milliseconds as timers do, and delivering whatever arrives. */
  run(ms: number): this {
    const end = this.now + ms;

    for (;;) {
      this.#inFlight.sort((a, b) => a.at - b.at || a.order - b.order);

      const deliverAt = this.#inFlight[0]?.at ?? Number.POSITIVE_INFINITY;
      const serverAt = this.serverRuns ? Math.ceil(this.serverSide.nextTimeout) : Number.POSITIVE_INFINITY;
      const clientAt = this.clientRuns ? Math.ceil(this.clientSide.nextTimeout) : Number.POSITIVE_INFINITY;
      const next = Math.min(deliverAt, serverAt, clientAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (deliverAt <= this.now) {
        this.#inFlight.shift()?.deliver();
      } else if (serverAt <= this.now) {
        this.serverSide.handleTimeout(this.now);
      } else {
        this.clientSide.handleTimeout(this.now);
      }

      this.drain();
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

  /** Does what both sides want done. */
  drain(): void {
    this.#drainOne(this.serverSide, this.server, 'server');
    this.#drainOne(this.clientSide, this.client, 'client');
  }

  #newClient(bounds: DetectorOptions, detector: FailureDetector, instance: number): ClientEndpoint {
    return new ClientEndpoint({
      bounds,
      detector,
      version: 1,
      firstPingTimeout: 15_000,
      instance,
      now: this.now,
    });
  }

  #counters(side: 'server' | 'client'): PathCounters {
    this.#received += this.stackHeardBy[side] ? 1 : 0;

    return { received: this.#received };
  }

  #drainOne(endpoint: Endpoint, told: Told, side: 'server' | 'client'): void {
    for (let frame = endpoint.pollTransmit(); frame !== undefined; frame = endpoint.pollTransmit()) {
      this.#carry(frame, side);
    }

    if (endpoint.pollPathProbe()) {
      this.readAt[side] = this.now;
      this.#read(endpoint, told, side);
    }

    for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {
      told.take(event);
    }
  }

  #read(endpoint: Endpoint, told: Told, side: 'server' | 'client'): void {
    const delay = this.readsWithin[side];
    const answer = () => {
      endpoint.handlePath(this.countersOf[side](), this.now);
      this.#drainOne(endpoint, told, side);
    };

    if (delay === 0) {
      answer();
    } else if (delay !== undefined) {
      this.#inFlight.push({ at: this.now + delay, order: this.#sent++, deliver: answer });
    }
  }

  #carry(frame: Uint8Array, from: 'server' | 'client'): void {
    const isDown = from === 'server';
    const delay = (isDown ? this.downlink : this.uplink).delay();

    (isDown ? this.sentByServer : this.sentByClient).push(frame);

    if (delay !== undefined) {
      const deliver = () => {
        if (isDown ? this.clientRuns : this.serverRuns) {
          (isDown ? this.clientSide : this.serverSide).handleFrame(frame, this.now);
        }
      };

      this.#inFlight.push({ at: this.now + delay, order: this.#sent++, deliver });
    }
  }
}

function bytesOf(frame: Frame | Uint8Array): Uint8Array {
  return frame instanceof Uint8Array ? frame : encodeFrame(frame, 1);
}

/** The states that a side went through, with their reasons. */
export function storyOf({ changes }: Told): string[] {
  return changes.map(({ state, reason }) => `${state}: ${reason}`);
}
