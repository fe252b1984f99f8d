import { checkOptionNames, listen } from '@mediasoup-heartbeat/protocol';
import {
  type BreakerAdvice,
  type BreakerChange,
  type BreakerOptions,
  BreakerPoll,
  type BreakerState,
  CircuitBreaker,
} from '@mediasoup-heartbeat/protocol/breaker';
import type { types } from 'mediasoup-client';
import { now } from './clock.ts';
import { EventEmitter } from './EventEmitter.ts';
import { ProducerReader } from './ProducerReader.ts';
import type { TransportHeartbeat } from './TransportHeartbeat.ts';
import { later } from './timer.ts';

export type {
  BreakerAdvice,
  BreakerChange,
  BreakerEvidence,
  BreakerFigures,
  BreakerOptions,
  BreakerRule,
  BreakerState,
  SenderReading,
} from '@mediasoup-heartbeat/protocol/breaker';
export { CircuitBreaker } from '@mediasoup-heartbeat/protocol/breaker';

/** Options of `watchCircuit()`. All may be left out. Times in ms. */
export type CircuitOptions = Partial<Omit<BreakerOptions, 'kind'>>;

/** The events of a {@link CircuitWatch}, and of its `observer`. */
export type CircuitEvents = {
  /** The state or the advice changed. */
  change: [BreakerChange];
  /** A rule is broken: follow the advice. */
  open: [BreakerChange];
  /** The stream may try again, with little at first. */
  halfopen: [BreakerChange];
  /** `closed`: it got through. */
  closed: [BreakerChange];
  /** The watch has ended: by `close()`, or with its producer or heartbeat. */
  close: [];
};

const EVENTS = { open: 'open', 'half-open': 'halfopen', closed: 'closed' } as const;

const OPTION_NAMES = { reportInterval: 0, frameInterval: 0, groupSize: 0, unusableLoss: 0 };

/** The circuit breaker of a producer. Made by `watchCircuit()`. */
export class CircuitWatch extends EventEmitter<CircuitEvents> {
  /** The producer. */
  readonly producer: types.Producer;
  /** Emits the same events, for code that only observes. */
  readonly observer: EventEmitter<CircuitEvents> = new EventEmitter();
  readonly #breaker: CircuitBreaker;
  readonly #poll: BreakerPoll;
  readonly #undos: (() => void)[] = [];
  #closed = false;

  /** @internal */
  constructor(
    producer: types.Producer,
    heartbeat: Pick<TransportHeartbeat, 'state' | 'stats' | 'closed' | 'observer'>,
    options: CircuitOptions,
  ) {
    super();
    this.producer = producer;
    this.#breaker = new CircuitBreaker({ ...options, kind: producer.kind });

    const reader = new ProducerReader(producer);

    this.#poll = new BreakerPoll(this.#breaker, {
      now,
      setTimer,
      read: () => reader.read(now()),
      isPathWell: () => heartbeat.state === 'alive' && (heartbeat.stats.loss.uplink ?? 0) < WELL,
      changed: change => this.#tell(change),
    });
    this.#undos.push(
      listen(producer.observer, 'close', () => this.close()),
      listen(heartbeat.observer as unknown as AnyEmitter, 'close', () => this.close()),
      listen(heartbeat.observer as unknown as AnyEmitter, 'recovered', () => this.#poll.newPath()),
    );
  }

  /** The state of the breaker. */
  get state(): BreakerState {
    return this.#breaker.state;
  }

  /** What the sender should do now. */
  get advice(): BreakerAdvice {
    return this.#breaker.advice;
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Ends it. */
  close(): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;
    this.#poll.stop();

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    this.#emit('close', []);
  }

  #tell(change: BreakerChange): void {
    this.#emit('change', [change]);

    if (change.state !== change.previous) {
      this.#emit(EVENTS[change.state], [change]);
    }
  }

  #emit<E extends keyof CircuitEvents>(event: E, args: CircuitEvents[E]): void {
    this.observer.emit(event, ...args);
    this.emit(event, ...args);
  }
}

/** A path that loses less of the heartbeat's own pings than this is well: evidence for another try. */
const WELL = 0.02;

type AnyEmitter = Parameters<typeof listen>[0];

function setTimer(callback: () => void, ms: number): () => void {
  const timer = later(callback, ms);

  return () => clearTimeout(timer);
}

/**
 * Watches a Producer by the rules of RFC 8083, and advises to reduce or stop it: RTCP timeout, congestion and usability. Browsers do not tell
 * the highest sequence number of a receiver report, so the media timeout is left out.
 *
 * It reads the Producer's statistics each `reportInterval`. It ends with the Producer or the heartbeat.
 *
 * @param heartbeat - The heartbeat of the Producer's transport. A path on which its pings get through is evidence for another try, and so is one that
 * has recovered.
 * @throws TypeError if an argument or option is invalid.
 *
 * @example
 * ```ts
 * import { watchCircuit } from '@mediasoup-heartbeat/client/breaker';
 *
 * watchCircuit(producer, heartbeats.transports.get(transport.id)).on('change', ({ advice }) => {
 *   if (advice === 'reduce') producer.setMaxSpatialLayer(0);
 *   else if (advice === 'none') producer.resume();
 *   else producer.pause();
 * });
 * ```
 */
export function watchCircuit(
  producer: types.Producer,
  heartbeat: Pick<TransportHeartbeat, 'state' | 'stats' | 'closed' | 'observer'>,
  options: CircuitOptions = {},
): CircuitWatch {
  if (typeof producer?.getStats !== 'function' || producer.closed) {
    throw new TypeError(`watchCircuit(): producer must be an open Producer, got ${String(producer)}`);
  } else if (typeof heartbeat?.observer?.on !== 'function' || heartbeat.closed) {
    throw new TypeError(
      `watchCircuit(): heartbeat must be the heartbeat of its transport, and open, got ${String(heartbeat)}`,
    );
  }

  checkOptionNames('watchCircuit()', OPTION_NAMES, options);

  return new CircuitWatch(producer, heartbeat, options);
}
