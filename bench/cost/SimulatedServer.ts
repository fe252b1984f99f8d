import {
  createAdaptiveDetector,
  EndpointLoop,
  type LoopOwner,
  type Loops,
  resolveDetectorOptions,
  ServerEndpoint,
} from '@mediasoup-heartbeat/protocol';
import { PongMaker } from './PongMaker.ts';

/** How long after its ping a pong comes, in ms. */
const RTT = 40;

/** How often each heartbeat pings, in ms. */
const INTERVAL = 1000;

/** By what a {@link SimulatedServer} runs. */
export type Clock = {
  readonly loops: Loops;
  /** See the option of {@link ServerEndpoint}. */
  readonly slot: (() => number) | undefined;
  /** Calls back after so many ms. */
  schedule(callback: () => void, ms: number): void;
};

/** The server side of many heartbeats on a transport that is simulated. All pongs come. Nobody listens. */
export class SimulatedServer {
  readonly #clock: Clock;
  readonly #running: EndpointLoop<ServerEndpoint>[] = [];
  #pongs = 0;
  #frames = 0;
  #bytes = 0;

  /** @param onPing - Is called with the number of the heartbeat for each frame that is sent. */
  constructor(heartbeats: number, clock: Clock, onPing?: (index: number) => void) {
    this.#clock = clock;

    for (let index = 0; index < heartbeats; index++) {
      this.#add(((index + 1) / heartbeats) * INTERVAL, onPing && (() => onPing(index)));
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

  /** How many pongs were taken. */
  get pongs(): number {
    return this.#pongs;
  }

  /** Closes all heartbeats. */
  close(): void {
    for (const loop of this.#running) {
      loop.feed((endpoint, now) => endpoint.close('heartbeat-closed', now));
      loop.stop();
    }
  }

  #add(phase: number, onPing: (() => void) | undefined): void {
    const { loops, slot } = this.#clock;
    const bounds = resolveDetectorOptions();
    const endpoint = new ServerEndpoint({
      bounds,
      detector: createAdaptiveDetector(bounds, 'server'),
      firstPongTimeout: 15_000,
      frozenTimeout: 600_000,
      phase,
      ...(slot && { slot }),
      random: () => (Math.random() * 2 ** 32) >>> 0,
      now: loops.surroundings.now(),
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
          onPing?.();
          this.#clock.schedule(deliver, RTT);
        }
      }),
      loops,
    );

    this.#running.push(loop);
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
