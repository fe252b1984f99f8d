import { setTimeout as lasting } from 'node:timers/promises';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import type { Impairment } from '../../examples/meeting/relay/Impairment.ts';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import type { PeerProcess } from '../chaos/peers/PeerProcess.ts';
import { createTransport } from '../harness/server.ts';
import type { Blocking, Truth } from './Truth.ts';

/** How long after an outage an application waits for a dead peer before it restarts ICE, in ms. */
const PATIENCE = 3000;

/** How long a lost client may take to be dead, and a new client to be alive, in ms. */
const DEATH = 35_000;
const BIRTH = 60_000;

export const now = () => performance.timeOrigin + performance.now();

/** A client from joining to its end, and what was really done to it. */
export class Life {
  readonly name: string;
  readonly truth: Truth;
  readonly #process: PeerProcess;
  readonly #router: types.Router;
  readonly #transport: types.WebRtcTransport;
  readonly #heartbeat: Heartbeat;
  readonly #relay: UdpRelay;
  readonly #over = new AbortController();
  readonly #onChange: (news: { peer: string; change: Truth['client'][number] }) => void;
  #client = 'pending';

  private constructor(
    name: string,
    process: PeerProcess,
    router: types.Router,
    transport: types.WebRtcTransport,
    heartbeat: Heartbeat,
    relay: UdpRelay,
  ) {
    const never = Number.POSITIVE_INFINITY;

    this.name = name;
    this.truth = {
      peer: name,
      from: never,
      blockings: [],
      impairments: [],
      restarts: [],
      end: { kind: 'goodbye', at: never },
      until: never,
      server: [],
      client: [],
    };
    this.#process = process;
    this.#router = router;
    this.#transport = transport;
    this.#heartbeat = heartbeat;
    this.#relay = relay;
    this.#onChange = ({ peer, change: { at, state, reason } }) => {
      if (peer === name) {
        this.#client = state;
        this.truth.client.push({ at, state, reason });
      }
    };
    process.on('change', this.#onChange);
    heartbeat.on('statechange', ({ at, state, reason }) => this.truth.server.push({ at, state, reason }));
  }

  /** Begins one, and returns when both sides are alive. `undefined`: it took too long, or its process was killed. */
  static async begin(
    name: string,
    process: PeerProcess,
    router: types.Router,
    seed: number,
  ): Promise<Life | undefined> {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport, { localHealth: false });
    const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0, seed);
    const life = new Life(name, process, router, transport, heartbeat, relay);

    if (await life.#isBorn()) {
      life.truth.from = now();
      life.truth.server.length = 0;
      life.truth.client.length = 0;

      return life;
    }

    life.#close();

    return undefined;
  }

  /** Aborted when the process has been killed. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Cuts the path for a time. The application restarts ICE if the connection does not recover by itself. */
  async cut(ms: number, kind: 'cut' | 'uplink'): Promise<void> {
    const end = this.block(kind);

    this.#relay.impair({ blackout: true }, ...(kind === 'uplink' ? (['uplink'] as const) : []));
    await this.#wait(ms);
    this.#relay.impair({ blackout: false });
    end();
    await this.recover();
  }

  /** Impairs the path for a time. */
  async impair(impairment: Partial<Impairment>, ms: number): Promise<void> {
    const entry = { from: now(), to: Number.POSITIVE_INFINITY };

    this.truth.impairments.push(entry);
    this.#relay.impair(impairment);
    await this.#wait(ms);
    this.#relay.impair({ delay: 0, jitter: 0, loss: 0, duplicate: 0, corrupt: 0, reorder: false });
    entry.to = now();
  }

  /** Records an outage between the two. Returns a function that records its end. */
  block(kind: Blocking['kind'], from = now()): () => void {
    const blocking = { kind, from, to: Number.POSITIVE_INFINITY };

    this.truth.blockings.push(blocking);

    return () => {
      blocking.to = now();
    };
  }

  /** What an application does after an outage: if the connection does not recover, it restarts ICE. */
  async recover(): Promise<void> {
    await this.#wait(PATIENCE);

    if (!this.over.aborted && (this.#heartbeat.state === 'dead' || this.#client === 'dead')) {
      this.truth.restarts.push(now());
      await this.#process.restartIce(this.name).catch(() => {});
    }
  }

  /** Its process has been killed. */
  killed(): void {
    this.block('stop');

    // An earlier goodbye may have arrived.
    if (this.truth.end.at === Number.POSITIVE_INFINITY) {
      this.truth.end = { kind: 'kill', at: now() };
    }

    this.#over.abort();
  }

  /** Lets it say goodbye, if it still can, waits until it is dead, and removes everything from the server. */
  async end(): Promise<Truth> {
    if (!this.over.aborted) {
      this.truth.end = { kind: 'goodbye', at: now() };
      this.#process.leave(this.name);
    }

    await this.#holds(() => this.#heartbeat.state === 'dead', DEATH);
    this.truth.until = now();
    this.#close();

    return this.truth;
  }

  async #isBorn(): Promise<boolean> {
    this.#process.join(this.name, this.#router, this.#transport, { port: this.#relay.port });

    await this.#holds(() => !this.#process.running || this.#areAlive, BIRTH);

    return this.#areAlive;
  }

  get #areAlive(): boolean {
    return this.#heartbeat.state === 'alive' && this.#client === 'alive';
  }

  #close(): void {
    this.#heartbeat.removeAllListeners('statechange');
    this.#process.off('change', this.#onChange);
    this.#transport.close();
    this.#relay.close();
  }

  /** Waits for a time, unless the process is killed. */
  async #wait(ms: number): Promise<void> {
    await lasting(ms, undefined, { signal: this.over }).catch(() => {});
  }

  /** Waits until a condition holds. It checks at each change of either side. Gives up after a time. */
  async #holds(condition: () => boolean, within: number): Promise<boolean> {
    return new Promise(resolve => {
      const end = (held: boolean) => {
        clearTimeout(timer);
        this.#heartbeat.off('statechange', look);
        this.#process.off('change', look).off('exit', look);
        resolve(held);
      };
      const look = () => {
        if (condition()) {
          end(true);
        }
      };
      const timer = setTimeout(() => end(false), within);

      this.#heartbeat.on('statechange', look);
      this.#process.on('change', look).once('exit', look);
      look();
    });
  }
}
