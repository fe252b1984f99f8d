import { checkOptionNames, listen } from '@mediasoup-heartbeat/protocol';
import {
  type BreakerAdvice,
  type BreakerChange,
  type BreakerOptions,
  BreakerPoll,
  type BreakerState,
  CircuitBreaker,
} from '@mediasoup-heartbeat/protocol/breaker';
import type { Consumer } from 'mediasoup/types';
import { now } from './clock.ts';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import type { Heartbeat } from './Heartbeat.ts';
import { observerOf } from './HeartbeatTransport.ts';
import { readConsumer } from './readConsumer.ts';

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
  /** The watch has ended: by `close()`, or with its consumer or heartbeat. */
  close: [];
};

const EVENTS = { open: 'open', 'half-open': 'halfopen', closed: 'closed' } as const;

const OPTION_NAMES = { reportInterval: 0, frameInterval: 0, groupSize: 0, unusableLoss: 0 };

/** The circuit breaker of a consumer. Made by `watchCircuit()`. */
export class CircuitWatch extends EnhancedEventEmitter<CircuitEvents> {
  /** The consumer. */
  readonly consumer: Consumer;
  /** Emits the same events, for code that only observes. */
  readonly observer: EnhancedEventEmitter<CircuitEvents> = new EnhancedEventEmitter();
  readonly #breaker: CircuitBreaker;
  readonly #poll: BreakerPoll;
  readonly #undos: (() => void)[] = [];
  #closed = false;

  /** @internal */
  constructor(
    consumer: Consumer,
    heartbeat: Pick<Heartbeat, 'state' | 'stats' | 'closed' | 'transport' | 'observer'>,
    options: CircuitOptions,
  ) {
    super();
    this.consumer = consumer;
    this.#breaker = new CircuitBreaker({ ...options, kind: consumer.kind });
    this.#poll = new BreakerPoll(this.#breaker, {
      now,
      setTimer,
      read: () => readConsumer(consumer, now()),
      isPathWell: () => heartbeat.state === 'alive' && (heartbeat.stats.loss.downlink ?? 0) < WELL,
      changed: change => this.#tell(change),
    });
    this.#undos.push(
      listen(consumer.observer, 'close', () => this.close()),
      listen(heartbeat.observer, 'close', () => this.close()),
      listen(observerOf(heartbeat.transport), 'iceselectedtuplechange', () => this.#poll.newPath()),
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
    emitToAll(this.observer, event, args);
    emitToAll<CircuitEvents, E>(this, event, args);
  }
}

/** A path that loses less of the heartbeat's own pings than this is well: evidence for another try. */
const WELL = 0.02;

/** Timers do not keep the process running. */
function setTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms).unref();

  return () => clearTimeout(timer);
}

/**
 * Watches a Consumer by the rules of RFC 8083, and advises to reduce or stop it: congestion and usability. mediasoup tells neither when a
 * receiver report came nor the highest sequence number in it, so the two timeouts are left out here. The heartbeat stands in: a client that
 * is gone is `suspect` and `dead`.
 *
 * It reads the Consumer's statistics each `reportInterval`. It ends with the Consumer or the heartbeat.
 *
 * @param heartbeat - The heartbeat of the Consumer's transport. A path on which its pings get through is evidence for another try, and so is a new
 * path.
 * @throws TypeError if an argument or option is invalid.
 *
 * @example
 * ```ts
 * import { watchCircuit } from '@mediasoup-heartbeat/server/breaker';
 *
 * watchCircuit(consumer, heartbeat).on('change', ({ advice }) => {
 *   if (advice === 'reduce') consumer.setPreferredLayers({ spatialLayer: 0, temporalLayer: 0 });
 *   else if (advice === 'none') consumer.resume();
 *   else consumer.pause();
 * });
 * ```
 */
export function watchCircuit(
  consumer: Consumer,
  heartbeat: Pick<Heartbeat, 'state' | 'stats' | 'closed' | 'transport' | 'observer'>,
  options: CircuitOptions = {},
): CircuitWatch {
  if (typeof consumer?.getStats !== 'function' || consumer.closed) {
    throw new TypeError(`watchCircuit(): consumer must be an open Consumer, got ${String(consumer)}`);
  } else if (typeof heartbeat?.observer?.on !== 'function' || heartbeat.closed) {
    throw new TypeError(
      `watchCircuit(): heartbeat must be what attachHeartbeat() returns, and open, got ${String(heartbeat)}`,
    );
  }

  checkOptionNames('watchCircuit()', OPTION_NAMES, options);

  return new CircuitWatch(consumer, heartbeat, options);
}
