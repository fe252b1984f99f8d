import type { FrameError } from '../FrameError.ts';
import type { Snapshot, StateChange } from '../Reason.ts';
import type { Recovered, Recovering } from '../Recovery.ts';
import type { Outage, Sample, Stats } from '../Stats.ts';
import { ChangeTeller } from './ChangeTeller.ts';
import type { Endpoint } from './Endpoint.ts';
import { checkInterruption } from './Interruptions.ts';
import type { PathCounters } from './PathProbe.ts';

/** The events of a heartbeat, on either side. */
export type HeartbeatEvents = {
  /** The state, or the reason for it, changed. */
  statechange: [StateChange];
  /** The peer is there: for the first time, or again. */
  alive: [StateChange];
  /** The peer may be gone. */
  suspect: [StateChange];
  /** The peer is gone. */
  dead: [StateChange];
  /**
   * The path is lost, and is being restored. On the client, with `recover`: ICE is restarted, once an event. On the server: a client that
   * was silent comes on another path.
   */
  recovering: [Recovering];
  /** The peer is back, as an authentic answer has proven. */
  recovered: [Recovered];
  /** The heartbeat is over. */
  close: [StateChange];
  /** A round trip was measured. */
  sample: [Sample];
  /** An outage is over: see `OutageStats`. The server tells it 3 s after its end, since late answers
   * may come until then. If the heartbeat closes sooner, it is not told. */
  outage: [Outage];
  /** The figures, once a second while somebody listens. */
  stats: [Stats];
  /** The first frame of this peer was dropped. `stats.malformed` counts the rest. */
  dropped: [FrameError];
  /**
   * A fault of this library: a frame could not be handled. Nobody is judged by it. Please report it. Emitted once,
   * `stats.internalErrors` counts the rest.
   */
  internalerror: [Error];
};

/** A timer that is set again and again. So nothing is allocated for each ping. */
export type LoopTimer = {
  /** Calls back in so many ms. It replaces the time set before. */
  set(ms: number): void;
  /** Does not call back. */
  clear(): void;
};

/** What an {@link EndpointLoop} needs from the process or page that it runs in. */
export type Surroundings = {
  /** The time in ms by a clock that never jumps. */
  now(): number;
  /** Makes a timer. It calls back once each time it is set. */
  createTimer(callback: () => void): LoopTimer;
  /**
   * Calls back when what has arrived by now has been read: no peer is judged while its frames wait unread.
   *
   * @param wasHeldUp - Whether the timer that fired was held up.
   */
  afterInput(callback: () => void, wasHeldUp: boolean): void;
  /** Told of each time in which the process or page stood still, in ms. */
  stalled?(duration: number): void;
  /** A timer that fires this much too late, in ms, was held up: the process or page stood still. */
  readonly stall: number;
  /**
   * Whether timers fire late although nothing is held up, as in a hidden page. Of such a delay {@link stall} counts as lived
   * through, and each input also does what is overdue. Default: false.
   */
  readonly isThrottled?: boolean;
};

/** What an {@link EndpointLoop} asks of the heartbeat that it runs. None of these may throw. */
export type LoopOwner = {
  /** Sends a frame, or drops it. */
  transmit(frame: Uint8Array): void;
  /** Reads the transport's counters. Rejects where the transport is gone. */
  readPath(): Promise<PathCounters>;
  /** Tells the listeners. */
  emit<K extends keyof HeartbeatEvents>(event: K, ...args: HeartbeatEvents[K]): void;
  /** Stops reading from a peer that broke the protocol. */
  silence(): void;
  /** Whether somebody listens to `stats`. */
  readonly wantsStats: boolean;
  /** Whether somebody listens to `sample`. */
  readonly wantsSamples: boolean;
  /** Writes to the log why a frame of the peer was not used. */
  logDrop(cause: string | Error): void;
  /** Whether somebody reads that log. */
  readonly wantsDrops: boolean;
};

/** An input that needs nothing but the time. */
const handleTimeout = (endpoint: Endpoint, now: number) => endpoint.handleTimeout(now);

/** How often `stats` is emitted, in ms. */
const STATS_EVERY = 1000;

/** The loops of one process or page. They share its stalls: one that notices a stall tells all of them. */
export class Loops {
  readonly surroundings: Surroundings;
  readonly #all = new Set<EndpointLoop<Endpoint>>();
  #stalledUntil = Number.NEGATIVE_INFINITY;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  /** How many loops there are. */
  get size(): number {
    return this.#all.size;
  }

  add(loop: EndpointLoop<Endpoint>): void {
    this.#all.add(loop);
  }

  delete(loop: EndpointLoop<Endpoint>): void {
    this.#all.delete(loop);
  }

  /** A timer that was due at `dueAt` has fired now. */
  fired(dueAt: number, now: number): void {
    const { stall, isThrottled } = this.surroundings;
    // Timers that were held up together fire one after the other: the first one has told of it.
    const from = Math.max(dueAt, this.#stalledUntil);

    if (now - from > stall) {
      this.#stalledUntil = now;

      for (const loop of this.#all) {
        loop.stalled(from, isThrottled ? now - stall : now);
      }

      this.surroundings.stalled?.(now - from);
    }
  }

  /** The process runs, as this is called: does what is overdue where timers are throttled. */
  catchUp(): void {
    if (this.surroundings.isThrottled) {
      for (const loop of this.#all) {
        loop.catchUp();
      }
    }
  }
}

/** Runs one endpoint: feeds it, does what it wants done, tells what it has to tell, and keeps its one timer. */
export class EndpointLoop<E extends Endpoint> {
  readonly endpoint: E;
  readonly #owner: LoopOwner;
  readonly #loops: Loops;
  readonly #changes: ChangeTeller;
  #isTelling = false;
  #isAwake = false;
  #isRunning = true;
  #statsAt = Number.POSITIVE_INFINITY;
  readonly #timer: LoopTimer;
  /** When the timer is due. What was overdue as it was set is due from then on: only the time after that can be a stall. */
  #armedFor = Number.POSITIVE_INFINITY;
  #armedAt = 0;
  readonly #afterInput = () => {
    this.#timer.clear();
    this.#armedFor = Number.POSITIVE_INFINITY;

    if (this.#isRunning) {
      this.#isAwake = true;
      this.#run();
      this.#isAwake = false;
    }
  };

  constructor(endpoint: E, owner: LoopOwner, loops: Loops) {
    this.endpoint = endpoint;
    this.#owner = owner;
    this.#changes = new ChangeTeller(owner, loops.surroundings.now());
    this.#loops = loops;
    this.#timer = loops.surroundings.createTimer(() => this.#wake(Math.max(this.#armedFor, this.#armedAt)));
    loops.add(this);
  }

  /** The latest change that was told. */
  get snapshot(): Snapshot {
    return this.#changes.snapshot;
  }

  /**
   * Passes an input to the endpoint with the time of now, and does all that follows from it.
   *
   * @param subject - What the input is of. So an input that comes often needs no closure of its own each time.
   */
  feed<T = undefined>(input: (endpoint: E, now: number, subject: T) => void, subject?: T): void {
    this.endpoint.wantsDrops = this.#owner.wantsDrops;
    this.endpoint.wantsSamples = this.#owner.wantsSamples;

    try {
      input(this.endpoint, this.#loops.surroundings.now(), subject as T);
    } catch (error) {
      this.endpoint.fail(error);
    }

    this.#drain();
    // After it: the peer that has just been heard is not judged by the time before.
    this.#loops.catchUp();
  }

  /** See `expectInterruption()` of the two heartbeats. */
  expectInterruption(duration: number): () => void {
    let end = () => {};

    checkInterruption(duration);

    if (this.#isRunning) {
      this.feed((endpoint, now) => {
        const interruption = endpoint.expectInterruption(duration, now);

        end = () => this.feed((of, then) => of.endInterruption(interruption, then));
      });
    }

    return () => this.#isRunning && end();
  }

  /** Somebody began to listen to `stats`, or stopped. */
  statsWanted(): void {
    // One more listener does not postpone what the others wait for.
    this.#statsAt = Math.min(this.#statsAt, this.#loops.surroundings.now() + STATS_EVERY);
    this.#arm();
  }

  /** Called by {@link Loops}: does what is overdue. */
  catchUp(): void {
    if (this.#isRunning && !this.#isAwake && this.#armedFor <= this.#loops.surroundings.now()) {
      this.#wake(this.#armedFor);
    }
  }

  /** Called by {@link Loops}. */
  stalled(from: number, to: number): void {
    try {
      this.endpoint.handleStall(from, to);
    } catch (error) {
      // The others are yet to be told.
      this.endpoint.fail(error);
    }

    this.#drain();
  }

  /** No timer fires and no answer counts after this. What the endpoint has yet to tell is told. */
  stop(): void {
    this.#isRunning = false;
    this.#loops.delete(this);
    this.#timer.clear();
  }

  #drain(): void {
    for (
      let frame = this.endpoint.pollTransmit();
      frame !== undefined;
      frame = this.endpoint.pollTransmit()
    ) {
      this.#owner.transmit(frame);
    }

    if (this.endpoint.pollPathProbe()) {
      this.#readPath();
    }

    this.#tell();
    this.#arm();
  }

  /**
   * A listener may feed the endpoint, as one that closes on `dead` does. What follows from that is told after the event
   * under way has reached all of its listeners: told at once, it would overtake that event.
   */
  #tell(): void {
    if (this.#isTelling) {
      return;
    }

    this.#isTelling = true;

    for (let event = this.endpoint.poll(); event !== undefined; event = this.endpoint.poll()) {
      if (event.type === 'change') {
        this.#changes.add(event.change);
      } else if (event.type === 'sample') {
        this.#owner.emit('sample', event.sample);
      } else if (event.type === 'outage') {
        this.#owner.emit('outage', event.outage);
      } else if (event.type === 'drop') {
        this.#owner.logDrop(event.cause);
      } else if (event.type === 'dropped') {
        this.#owner.emit('dropped', event.error);
      } else if (event.type === 'recovering') {
        this.#owner.emit('recovering', event.recovering);
      } else if (event.type === 'recovered') {
        this.#owner.emit('recovered', event.recovered);
      } else if (event.type === 'fault') {
        this.#owner.emit('internalerror', event.error);
      } else {
        this.#owner.silence();
      }
    }

    this.#isTelling = false;
  }

  #readPath(): void {
    this.#owner.readPath().then(
      counters => this.#tellPath(counters),
      // The transport or its Worker is gone, and says so itself.
      () => this.#tellPath(undefined),
    );
  }

  #tellPath(counters: PathCounters | undefined): void {
    if (this.#isRunning) {
      this.feed((endpoint, now) => endpoint.handlePath(counters, now));
    }
  }

  #arm(): void {
    if (!this.#owner.wantsStats) {
      this.#statsAt = Number.POSITIVE_INFINITY;
    }

    const dueAt = this.#isRunning
      ? Math.min(this.endpoint.nextTimeout, this.#statsAt)
      : Number.POSITIVE_INFINITY;

    if (dueAt === this.#armedFor) {
      return;
    }

    this.#armedFor = dueAt;

    if (dueAt < Number.POSITIVE_INFINITY) {
      this.#armedAt = this.#loops.surroundings.now();
      this.#timer.set(Math.max(0, dueAt - this.#armedAt));
    } else {
      this.#timer.clear();
    }
  }

  #wake(dueAt: number): void {
    const { surroundings } = this.#loops;
    const now = surroundings.now();
    const wasHeldUp = now - dueAt > surroundings.stall;

    // Before the input is read: what waited in a stall is no measure of the path.
    this.#loops.fired(dueAt, now);
    surroundings.afterInput(this.#afterInput, wasHeldUp);
  }

  #run(): void {
    const now = this.#loops.surroundings.now();

    if (now >= this.endpoint.nextTimeout) {
      this.feed(handleTimeout);
    }

    // A listener that was told of a death just now may have closed the heartbeat.
    if (this.#isRunning && now >= this.#statsAt) {
      this.#statsAt = now + STATS_EVERY;
      this.#owner.emit('stats', this.endpoint.stats(now));
    }

    this.#arm();
  }
}
