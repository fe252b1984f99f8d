import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  type Descriptor,
  INTERRUPTION,
  listen,
  type PeerGroup,
  type HeartbeatEvents as ProtocolEvents,
  type Reason,
  type Snapshot,
  type State,
  type StateChange,
  type Stats,
} from '@mediasoup-heartbeat/protocol';
import type { AppData } from 'mediasoup/types';
import type { Attachment } from './Attachment.ts';
import type { Cleanup } from './ClosePolicy.ts';
import { now } from './clock.ts';
import { closeAll } from './closeAll.ts';
import { DeadCloser } from './DeadCloser.ts';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';
import { stateLog } from './logs.ts';

/** The events of a heartbeat, and of its `observer`. */
export type HeartbeatEvents = ProtocolEvents & {
  /** mediasoup refused the heartbeat's own stream with this error. The heartbeat closes: `channel-failed`. */
  channelerror: [Error];
  /** The transport of a dead client was closed, because of `closeOnDead`. */
  cleanup: [Cleanup];
  /** `onBeforeClose` failed with this error, and the transport of the dead client is closed. Or the transport's `close()` failed. */
  cleanuperror: [Error];
};

/**
 * Watches one peer over one transport.
 *
 * Made by `attachHeartbeat()`. It closes with its transport, and emits the events of {@link HeartbeatEvents}.
 */
export class Heartbeat<
  HeartbeatAppData extends AppData = AppData,
> extends EnhancedEventEmitter<HeartbeatEvents> {
  /** Unique id. */
  // Node joins it from a dozen strings, which V8 keeps as they are, 400 bytes more. A copy is one string.
  readonly id: string = randomUUID().toLowerCase();
  /** The transport it watches. */
  readonly transport: HeartbeatTransport;
  /** Emits the same events, for code that only observes. Its listeners are called before those of the heartbeat. */
  readonly observer: EnhancedEventEmitter<HeartbeatEvents> = new EnhancedEventEmitter();
  /** Custom data of the application. */
  appData: HeartbeatAppData;
  /**
   * Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are, for
   * example to React's `useSyncExternalStore(heartbeat.subscribe, heartbeat.getSnapshot)`.
   */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'statechange', () => listener());
  /** The latest change of the state: the same frozen object until the next one. */
  readonly getSnapshot = (): Snapshot => this.#attachment.loop.snapshot;
  readonly #attachment: Attachment;
  readonly #closer: DeadCloser | undefined;

  /** @internal */
  constructor(attachment: Attachment) {
    super();
    this.transport = attachment.transport;
    this.appData = attachment.options.appData as HeartbeatAppData;
    this.#attachment = attachment;
    this.#closer = this.#createCloser();
    attachment.emit = (event, ...args) => this.#emit(event, args);
    attachment.hasListeners = event => this.listenerCount(event) + this.observer.listenerCount(event) > 0;

    const onNewListener = (event: string | symbol) => {
      if (event === 'stats') {
        // The event comes before the listener is added.
        queueMicrotask(() => attachment.loop.statsWanted());
      }
    };

    for (const emitter of [this.observer, this] as EventEmitter[]) {
      emitter.on('newListener', onNewListener);
    }
  }

  /** The state, see `State`. */
  get state(): State {
    return this.#attachment.endpoint.state;
  }

  /** Why the heartbeat is in its state, see `Reason`. */
  get reason(): Reason {
    return this.#attachment.endpoint.reason;
  }

  /** The figures as of now: a new plain object each time. */
  get stats(): Stats {
    return this.#attachment.endpoint.stats(now());
  }

  /** What the client needs to know. It is in `transport.sctpParameters`, or the application sends it by its own signalling. */
  get descriptor(): Descriptor {
    return this.#attachment.descriptor;
  }

  /** Whether the heartbeat is closed. */
  get closed(): boolean {
    return this.#attachment.isClosed;
  }

  /**
   * Announces an interruption, such as an ICE restart or a planned move. Until it is over the state does not get worse, on both
   * sides. `transport.restartIce()` announces itself.
   *
   * Several may overlap: the state does not get worse until the latest is over. Interruptions that are announced without a sign
   * of life between them count from the first one, so repeated announcements do not postpone death for ever.
   *
   * @param duration - How long it may last, in ms. 100–120000, default 10000.
   * @returns A function that ends this interruption early, and no other.
   * @throws TypeError if the duration is not a number in this range.
   */
  expectInterruption(duration: number = INTERRUPTION.default): () => void {
    return this.#attachment.loop.expectInterruption(duration);
  }

  /**
   * Takes the client's acceptance, if the application's signalling does not carry it in the parameters of `connect()`. Call it
   * before or after `transport.connect()`, and as often as you like.
   *
   * @param acceptance - The client's `attach(transport, descriptor).acceptance`, unchanged. `undefined` or `null`, as from a client
   * that does not run the library, changes nothing.
   * @returns Whether the client has accepted, by this call or before.
   * @throws TypeError if it is something else.
   */
  accept(acceptance: unknown): boolean {
    return this.#attachment.accept(acceptance);
  }

  /**
   * Ends the heartbeat and removes everything of it from the transport, which stays open. The client is told.
   *
   * If the client does not run the heartbeat, or not any more, the heartbeat's objects stay on the transport, idle: closing them
   * would reset a stream that may be the application's.
   */
  close(): void {
    this.#attachment.close('heartbeat-closed');
  }

  /**
   * Whether the server is well as far as this client is concerned, so that its silence proves something.
   *
   * @internal
   */
  get isServerWell(): boolean {
    return this.stats.localHealth === 'well';
  }

  /**
   * Whether the client is dead, but has answered again since.
   *
   * @internal
   */
  get isReturning(): boolean {
    return this.#attachment.endpoint.isReturning;
  }

  /**
   * How long the first pong may take, in ms.
   *
   * @internal
   */
  get firstPongTimeout(): number {
    return this.#attachment.options.firstPongTimeout;
  }

  /**
   * What the other heartbeats of this group know of the client counts as evidence. `undefined`: it leaves the group.
   *
   * @internal
   */
  joinPeers(group: PeerGroup | undefined): void {
    this.#attachment.endpoint.join(group);
  }

  /**
   * Whether it closes its transport when the client is dead.
   *
   * @internal
   */
  get closesOnDead(): boolean {
    return this.#closer !== undefined;
  }

  #createCloser(): DeadCloser | undefined {
    const { closeOnDead } = this.#attachment.options;
    const heartbeat = this;

    return closeOnDead === false
      ? undefined
      : new DeadCloser(
          {
            transports: [this.transport],
            get isServerWell() {
              return heartbeat.isServerWell;
            },
            get isReturning() {
              return heartbeat.isReturning;
            },
            // It is closed with its only path.
            pendingUntil: undefined,
            close: cleanup => {
              closeAll(cleanup.transports, error => this.#emit('cleanuperror', [error]));
              this.#emit('cleanup', [cleanup]);
            },
            failed: error => this.#emit('cleanuperror', [error]),
          },
          closeOnDead,
        );
  }

  #emit<E extends keyof HeartbeatEvents>(event: E, args: HeartbeatEvents[E]): void {
    if (event === 'statechange') {
      // Before the listeners: one may close the heartbeat, and then this library must not close the transport.
      this.#closer?.changed(args[0] as StateChange);
      this.#log(args[0] as StateChange);
    } else if (event === 'recovering') {
      this.#closer?.moved();
    }

    emitToAll(this.observer, event, args);

    // No figures after the end: a listener of the observer may just have closed the heartbeat.
    if (!this.closed || (event !== 'stats' && event !== 'sample')) {
      emitToAll(this, event, args);
    }
  }

  #log({ state, previous, reason, silentFor }: StateChange): void {
    if (stateLog.enabled) {
      const { evidence } = this.stats;
      const silence = Math.round(silentFor);

      stateLog(
        '%s %s → %s (%s), silent for %d ms, %j',
        this.transport.id,
        previous,
        state,
        reason,
        silence,
        evidence,
      );
    }
  }
}
