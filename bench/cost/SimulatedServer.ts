import {
  createAdaptiveDetector,
  EndpointLoop,
  type LoopOwner,
  Loops,
  resolveDetectorOptions,
  ServerEndpoint,
} from '@mediasoup-heartbeat/protocol';
import { PongMaker } from './PongMaker.ts';

/** Far above the time that a simulation lasts, in ms: no timer of the past is in its buckets. */
const HORIZON = 8192;

/** How long after its ping a pong comes, in ms. */
const RTT = 40;

/** The server side of many heartbeats on a clock and a transport that are simulated. All pongs come. Nobody listens. */
export class SimulatedServer {
  #now = 1000;
  readonly #buckets: (() => void)[][] = Array.from({ length: HORIZON }, () => []);
  readonly #loops = new Loops({
    now: () => this.#now,
    setTimer: (callback, ms) => {
      this.#timers++;

      return this.#schedule(callback, ms);
    },
    afterInput: callback => callback(),
    stall: 100,
  });
  #pongs = 0;
  #frames = 0;
  #bytes = 0;
  #timers = 0;

  constructor(heartbeats: number) {
    for (let index = 0; index < heartbeats; index++) {
      this.#add(((index + 1) / heartbeats) * 1000);
    }
  }

  /** How many frames were sent. */
  get frames(): number {
    return this.#frames;
  }

  /** How many bytes they had. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many timers were set. */
  get timers(): number {
    return this.#timers;
  }

  /** How many pongs were taken. */
  get pongs(): number {
    return this.#pongs;
  }

  /** Lets so much time pass, in ms. */
  run(duration: number): void {
    const end = this.#now + duration;

    for (; this.#now < end; this.#now++) {
      const bucket = this.#buckets[this.#now % HORIZON] as (() => void)[];

      // A callback may add to the bucket.
      for (let i = 0; i < bucket.length; i++) {
        bucket[i]?.();
      }

      bucket.length = 0;
    }
  }

  #schedule(callback: () => void, ms: number): () => void {
    const bucket = this.#buckets[(this.#now + Math.ceil(ms)) % HORIZON] as (() => void)[];
    const index = bucket.push(callback) - 1;

    return () => {
      // Its bucket may have been emptied since, and filled again.
      if (bucket[index] === callback) {
        bucket[index] = () => {};
      }
    };
  }

  #add(phase: number): void {
    const bounds = resolveDetectorOptions();
    const endpoint = new ServerEndpoint({
      bounds,
      detector: createAdaptiveDetector(bounds, 'server'),
      firstPongTimeout: 15_000,
      frozenTimeout: 600_000,
      phase,
      random: () => (Math.random() * 2 ** 32) >>> 0,
      now: this.#now,
    });
    const maker = new PongMaker();
    const takePong = (of: ServerEndpoint, at: number) => of.handleFrame(maker.pong, at);
    const deliver = () => {
      this.#pongs++;
      loop.feed(takePong);
    };
    const loop = new EndpointLoop(
      endpoint,
      owner(frame => {
        this.#frames++;
        this.#bytes += frame.length;

        if (maker.answer(frame) !== undefined) {
          this.#schedule(deliver, RTT);
        }
      }),
      this.#loops,
    );

    loop.feed((of, at) => of.connected(at));
    loop.feed((of, at) => of.accept(1, at));
  }
}

function owner(transmit: (frame: Uint8Array) => void): LoopOwner {
  return {
    transmit,
    readPath: () => Promise.reject(new Error('no path')),
    emit: () => {},
    silence: () => {},
    wantsStats: false,
    wantsSamples: false,
    logDrop: () => {},
    wantsDrops: false,
  };
}
