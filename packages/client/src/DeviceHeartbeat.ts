import {
  ChangeTeller,
  listen,
  override,
  type Reason,
  type Recovered,
  type Recovering,
  type RecoveryCause,
  type RecoveryFailed,
  type Snapshot,
  type State,
  type StateChange,
  type Undo,
} from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import type { ResolvedClientOptions } from './ClientHeartbeatOptions.ts';
import { now } from './clock.ts';
import { EventEmitter } from './EventEmitter.ts';
import { whatTransportLacks } from './features.ts';
import { createLoops } from './loops.ts';
import { type NetworkHint, SLEEP, watchNetwork } from './networkHints.ts';
import { watchPage } from './pageLifecycle.ts';
import { TransportHeartbeat } from './TransportHeartbeat.ts';

/** The events of a device's heartbeat, and of its `observer`. */
export type DeviceHeartbeatEvents = {
  /** The device's state changed, or the reason for it. */
  statechange: [StateChange];
  /** No transport is worse than alive any more. */
  alive: [StateChange];
  /** The server may be gone, by at least one transport. */
  suspect: [StateChange];
  /** The server is gone, by at least one transport. */
  dead: [StateChange];
  /** The heartbeat is closed. */
  close: [StateChange];
  /** A transport was created, and has a heartbeat from now on. */
  newtransport: [TransportHeartbeat];
  /** With `recover`: a transport restarts ICE. */
  recovering: [Recovering, TransportHeartbeat];
  /** With `recover`: a transport has recovered. */
  recovered: [Recovered, TransportHeartbeat];
  /** With `recover`: the recovery of a transport was given up. */
  recoveryfailed: [RecoveryFailed, TransportHeartbeat];
};

/** What a hint of the browser is a cause of. Without a network nothing can be restarted. */
const CAUSES: Readonly<Record<NetworkHint, RecoveryCause | undefined>> = {
  offline: undefined,
  online: 'online',
  change: 'connection-change',
  resume: 'resumed',
};

/** From the worst to the best. A pending transport says nothing about the others. */
const WORST_FIRST: readonly State[] = ['dead', 'suspect', 'alive', 'pending'];

/** The heartbeats of all transports of one device. Made by `enableHeartbeat()`. */
export class DeviceHeartbeat<
  HeartbeatAppData extends types.AppData = types.AppData,
> extends EventEmitter<DeviceHeartbeatEvents> {
  /** The device. */
  readonly device: types.Device;
  /** Emits the same events, for code that only observes. Its listeners are called before those of the heartbeat. */
  readonly observer: EventEmitter<DeviceHeartbeatEvents> = new EventEmitter();
  /** Custom data of the application. */
  appData: HeartbeatAppData;
  /**
   * Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are, for
   * example to React's `useSyncExternalStore(heartbeat.subscribe, heartbeat.getSnapshot)`.
   */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'statechange', () => listener());
  /** The latest change of the state: the same frozen object until the next one. */
  readonly getSnapshot = (): Snapshot => this.#changes.snapshot;
  readonly #options: ResolvedClientOptions;
  readonly #transports = new Map<string, TransportHeartbeat>();
  readonly #loops = createLoops(
    () => this.#hidden,
    duration => duration >= SLEEP && this.#onHint('resume'),
  );
  readonly #undos: Undo[];
  readonly #changes = new ChangeTeller({ emit: (event, change) => this.#emit(event, change) }, now());
  #state: State = 'pending';
  #reason: Reason = 'new';
  #hidden = false;
  #goneAt: number | undefined;
  /** The heartbeats that were closed with this one. */
  #left: TransportHeartbeat[] = [];

  /**
   * @internal
   * @param before - The device's heartbeat that was closed, maybe of another copy of this package.
   */
  constructor(device: types.Device, options: ResolvedClientOptions, before?: Partial<DeviceHeartbeat>) {
    super();
    this.device = device;
    this.appData = options.appData as HeartbeatAppData;
    this.#options = options;
    this.#undos = [
      this.#coverNew('createSendTransport'),
      this.#coverNew('createRecvTransport'),
      watchPage(
        hidden => {
          this.#loops.catchUp();
          this.#hidden = hidden;
          this.#feedAll((endpoint, at) => endpoint.setHidden(hidden, at));
        },
        input => this.#feedAll(input),
      ),
      // After it: a page that has thawed says so first.
      watchNetwork(hint => this.#onHint(hint)),
    ];

    for (const { transport, descriptor } of before?.handOver?.() ?? []) {
      if (!transport.closed) {
        this.#cover(transport, descriptor);
      }
    }
  }

  /**
   * The worst state of all open transports: `dead`, then `suspect`, then `alive`. `pending` while all are pending, or if there is none.
   * `closed` once this is closed.
   */
  get state(): State {
    return this.#state;
  }

  /** The reason of the transport with that state. `new` if there is no transport. */
  get reason(): Reason {
    return this.#reason;
  }

  /** The heartbeats of the device's open transports, by transport id. */
  get transports(): ReadonlyMap<string, TransportHeartbeat> {
    return this.#transports;
  }

  /** Whether the heartbeat is closed. */
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * Gives a transport a heartbeat by hand: a transport whose `sctpParameters` have no descriptor, or one that was created before
   * `enableHeartbeat()`. Call it right after creating the transport.
   *
   * If the application already sends data on the transport, the heartbeat has no stream id. It stays `pending` (`stream-id-taken`).
   *
   * @param descriptor - The server's `heartbeat.descriptor`. With an invalid one the heartbeat stays `pending`.
   * @returns the heartbeat of the transport: the existing one, if there is one.
   * @throws TypeError if the transport is not a mediasoup-client Transport.
   * @throws Error if the transport or this is closed, or if this mediasoup-client is not supported.
   */
  attach(transport: types.Transport, descriptor: unknown): TransportHeartbeat {
    if (typeof transport?.produceData !== 'function' || typeof transport.handler !== 'object') {
      throw new TypeError(
        `attach(): transport must be a mediasoup-client Transport, got ${String(transport)}`,
      );
    } else if (transport.closed) {
      throw new Error('attach(): the transport is closed. Attach right after creating it.');
    } else if (this.closed) {
      throw new Error('attach(): the heartbeat of this device is closed.');
    }

    const lack = whatTransportLacks(transport);

    if (lack !== undefined) {
      throw new Error(`attach(): ${lack}`);
    }

    const existing = this.#transports.get(transport.id);

    // A transport without a descriptor has one that does nothing. It is replaced.
    if (existing !== undefined && !existing.closed && existing.reason !== 'no-server-half') {
      return existing;
    }

    existing?.close();

    return this.#cover(transport, descriptor);
  }

  /**
   * The network of this machine changes, as far as the application knows: for example, a native application that gets such events. Each
   * transport checks its path at once. With `recover` those that get no answer within two round trips restart ICE.
   */
  networkChanged(): void {
    this.#hintAll('network-changed');
  }

  /**
   * Ends the heartbeats of all transports, and leaves later transports alone. The transports stay open. `enableHeartbeat()` starts
   * again, for these transports, too.
   */
  close(): void {
    if (this.closed) {
      return;
    }

    for (const undo of this.#undos.splice(0)) {
      undo();
    }

    const previous = this.#state;

    // First, because otherwise each closed transport would change the worst state of the others.
    this.#state = 'closed';
    this.#reason = 'heartbeat-closed';
    this.#left = [...this.#transports.values()];
    for (const heartbeat of this.#left) {
      heartbeat.close();
    }

    this.#changes.add({ state: 'closed', previous, reason: this.#reason, at: now(), silentFor: 0 });
  }

  /**
   * The heartbeats that were closed with this one. `enableHeartbeat()` calls it once.
   *
   * @internal
   */
  handOver(): TransportHeartbeat[] {
    return this.#left.splice(0);
  }

  /** Covers the transports that a method of the device creates. */
  #coverNew(method: 'createSendTransport' | 'createRecvTransport'): Undo {
    const { device } = this;
    const create = device[method].bind(device);

    return override(device, method, options => {
      // An SDK has wrapped the method since, so the override could not be removed.
      if (this.closed) {
        return create(options);
      }

      // Before the application has the transport: it may use it in its own `newtransport` listener. The listener exists for this
      // call only, because only here it is known what the server sent.
      const cover = (transport: types.Transport) => {
        const lack = whatTransportLacks(transport);

        if (lack === undefined) {
          this.#cover(transport, (options?.sctpParameters as { heartbeat?: unknown } | undefined)?.heartbeat);
        } else {
          this.#leaveAlone(lack);
        }
      };

      device.observer.prependOnceListener('newtransport', cover);

      try {
        return create(options);
      } finally {
        device.observer.off('newtransport', cover);
      }
    });
  }

  /** Tells the developer on the console: an error here would make the application fail to create a transport. */
  #leaveAlone(lack: string): void {
    console.error(`mediasoup-heartbeat: ${lack}`);

    if (this.#transports.size === 0) {
      this.#go('pending', 'unsupported-client', 0);
    }
  }

  #cover(transport: types.Transport, descriptor: unknown): TransportHeartbeat {
    const heartbeat = new TransportHeartbeat(transport, descriptor, this.#options, this.#loops);

    this.#transports.set(transport.id, heartbeat);
    heartbeat.feed((endpoint, at) => endpoint.setHidden(this.#hidden, at));
    heartbeat.observer
      .on('statechange', change => this.#onStateChange(heartbeat, change))
      .on('recovering', event => this.#emit('recovering', event, heartbeat))
      .on('recovered', event => this.#emit('recovered', event, heartbeat))
      .on('recoveryfailed', event => this.#emit('recoveryfailed', event, heartbeat));
    this.#emit('newtransport', heartbeat);
    // Its first changes came before anybody could listen, for example that the server does not run the library.
    this.#judge(heartbeat, 0);

    return heartbeat;
  }

  #onStateChange(heartbeat: TransportHeartbeat, change: StateChange): void {
    if (change.state === 'closed' && this.#transports.get(heartbeat.id) === heartbeat) {
      this.#transports.delete(heartbeat.id);
    }

    this.#judge(heartbeat, change.silentFor);
  }

  /** Takes the worst state of all transports. If several have it, the one that changed gives the reason. */
  #judge(changed: TransportHeartbeat, silentFor: number): void {
    const all = [...this.#transports.values()];
    const state = WORST_FIRST.find(candidate => all.some(one => one.state === candidate)) ?? 'pending';
    const worst = all.filter(one => one.state === state);
    const unchanged = state === this.#state && worst.find(({ reason }) => reason === this.#reason);
    const { reason } = (worst.includes(changed) ? changed : unchanged || worst[0]) ?? { reason: 'new' };

    this.#go(state, reason, silentFor);
  }

  #go(state: State, reason: Reason, silentFor: number): void {
    const previous = this.#state;

    if (previous !== 'closed' && (previous !== state || this.#reason !== reason)) {
      this.#state = state;
      this.#reason = reason;
      this.#changes.add({ state, previous, reason, at: now(), silentFor });
    }
  }

  /** The network may have changed. After `offline` it has: the path that was is lost, unless the server is still heard. */
  #onHint(hint: NetworkHint): void {
    const goneAt = this.#goneAt;
    // It also tells of changes before there is a network again.
    const isGone = hint === 'offline' || (goneAt !== undefined && globalThis.navigator?.onLine === false);

    this.#goneAt = isGone ? (goneAt ?? now()) : undefined;
    this.#hintAll(CAUSES[isGone ? 'offline' : hint], goneAt);
  }

  #hintAll(cause: RecoveryCause | undefined, goneAt?: number): void {
    for (const heartbeat of [...this.#transports.values()]) {
      heartbeat.hint(cause, goneAt);
    }
  }

  #feedAll(input: Parameters<TransportHeartbeat['feed']>[0]): void {
    for (const heartbeat of [...this.#transports.values()]) {
      heartbeat.feed(input);
    }
  }

  #emit<K extends keyof DeviceHeartbeatEvents>(event: K, ...args: DeviceHeartbeatEvents[K]): void {
    this.observer.emit(event, ...args);
    this.emit(event, ...args);
  }
}
