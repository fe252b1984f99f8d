import {
  type DetectorOptions,
  type Evidence,
  type Frame,
  type Ping,
  ServerEndpoint,
  type ServerEndpointOptions,
  type State,
} from '@mediasoup-heartbeat/protocol';
import { Walk } from './Walk.ts';

/** How many pings are remembered. */
const WINDOW = 128;

/** A server side whose pings can be had before they are encoded. */
export class Server extends ServerEndpoint {
  readonly #onping: (ping: Ping) => void;

  constructor(options: ServerEndpointOptions, onping: (ping: Ping) => void) {
    super(options);
    this.#onping = onping;
  }

  get figures(): Evidence {
    return this.evidence(0);
  }

  protected override transmit(frame: Frame): void {
    if (frame.type === 'ping') {
      this.#onping(frame);
    }
  }
}

/** A walk of the side that pings. `delay` is how long an answer takes. */
export class ServerWalk extends Walk {
  readonly endpoint: Server;
  protected readonly doubted: readonly State[] = ['suspect', 'dead'];
  pings = 0;

  constructor(bounds: DetectorOptions) {
    super(bounds, 'server', 1000);
    this.endpoint = new Server(
      {
        bounds,
        detector: this.detector,
        firstPongTimeout: Number.POSITIVE_INFINITY,
        frozenTimeout: 60_000,
        phase: bounds.interval / 3,
        random: () => 7,
        now: this.now,
      },
      ping => this.#onping(ping),
    );
    this.endpoint.connected(this.now);
    this.apply({ kind: 'start' });
  }

  protected start(): void {
    this.endpoint.accept(1, this.now);

    // The first call may go to the transport.
    for (const { pings } = this; this.pings === pings; ) {
      this.wake();
    }

    const answer = this.arrivals.findLastIndex(({ at }) => at <= this.now);

    this.receive(...(this.arrivals.splice(answer, 1) as [(typeof this.arrivals)[0]]));
  }

  protected stop(): void {
    this.endpoint.decline('no-client-half', this.now);
  }

  protected override stepped(): void {
    this.wake();
  }

  #onping({ seq, token }: Ping): void {
    const number = this.pings++;

    if (this.delay !== undefined) {
      this.arrives({
        at: this.now + this.delay,
        frame: { type: 'pong', seq, token, hold: 0, seen: 0 },
        isExpected: () => this.isRunning && number >= this.pings - WINDOW,
      });
    }
  }
}
