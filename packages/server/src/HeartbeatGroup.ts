import { randomUUID } from 'node:crypto';
import {
  ChangeTeller,
  COMMON_OPTIONS,
  checkOptionNames,
  groupVerdict,
  listen,
  type OptionTable,
  optionValues,
  PeerGroup,
  type Reason,
  type Snapshot,
  type State,
  type StateChange,
  show,
  type Undo,
} from '@mediasoup-heartbeat/protocol';
import type { AppData } from 'mediasoup/types';
import { CLOSE_ON_DEAD, type Cleanup, type CloseOnDead, resolveCloseOnDead } from './ClosePolicy.ts';
import { now } from './clock.ts';
import { closeAll } from './closeAll.ts';
import { DeadCloser } from './DeadCloser.ts';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import type { Heartbeat } from './Heartbeat.ts';
import { shared } from './shared.ts';
import { VERSION } from './version.ts';

/** Options of `createHeartbeatGroup()`. All may be left out. */
export type HeartbeatGroupOptions<GroupAppData extends AppData = AppData> = {
  /** Closes all transports of the participant when all of its paths are dead. Default `false`. */
  closeOnDead?: boolean | CloseOnDead;
  /** Custom data of the application. Default `{}`. */
  appData?: GroupAppData;
};

/** One path of a participant is lost, or back, while another one is alive. */
export type PathChange = {
  /** The heartbeat of that path. */
  heartbeat: Heartbeat;
  /** The reason of its state. */
  reason: Reason;
  /** When, in ms (see `StateChange.at`). */
  at: number;
};

/** The events of a group, and of its `observer`. */
export type HeartbeatGroupEvents = {
  /** The participant's state changed, or the reason for it. */
  statechange: [StateChange];
  /** At least one path is alive. */
  alive: [StateChange];
  /** No path is alive any more, and at least one is suspect. */
  suspect: [StateChange];
  /** All paths are dead. */
  dead: [StateChange];
  /** The group is closed. */
  close: [StateChange];
  /** A path is dead while another one is alive: the participant is not lost, that path is. Not after a goodbye. */
  pathlost: [PathChange];
  /** That path is alive again. */
  pathback: [PathChange];
  /** All transports of the participant were closed, because of `closeOnDead`. */
  cleanup: [Cleanup];
  /** `onBeforeClose` failed with this error, and the transports of the dead participant are closed. Or the `close()` of one failed. */
  cleanuperror: [Error];
};

const OPTIONS = {
  closeOnDead: CLOSE_ON_DEAD,
  appData: COMMON_OPTIONS.appData,
} satisfies OptionTable<HeartbeatGroupOptions>;

/** What the group keeps of one of its heartbeats. */
type Membership = {
  unlisten: Undo;
  /** When it was added, in ms. */
  addedAt: number;
};

/** The group of each heartbeat that is in one, by any copy of this package. */
const groups = shared('groups', () => new WeakMap<Heartbeat, HeartbeatGroup>());

/** The heartbeats of one participant, with one state. Made by `createHeartbeatGroup()`. */
export class HeartbeatGroup<
  GroupAppData extends AppData = AppData,
> extends EnhancedEventEmitter<HeartbeatGroupEvents> {
  /** Unique id. */
  readonly id: string = randomUUID();
  /** Emits the same events, for code that only observes. Its listeners are called before those of the group. */
  readonly observer: EnhancedEventEmitter<HeartbeatGroupEvents> = new EnhancedEventEmitter();
  /** Custom data of the application. */
  appData: GroupAppData;
  /**
   * Calls back after each change of {@link getSnapshot}, and returns a function that stops that. Both can be passed on as they are.
   */
  readonly subscribe = (listener: () => void): (() => void) =>
    listen(this.observer, 'statechange', () => listener());
  /** The latest change of the state: the same frozen object until the next one. */
  readonly getSnapshot = (): Snapshot => this.#changes.snapshot;
  readonly #members = new Map<Heartbeat, Membership>();
  readonly #lost = new Set<Heartbeat>();
  /** The paths share the client's fate. */
  readonly #peers = new PeerGroup();
  readonly #changes = new ChangeTeller({ emit: (event, change) => this.#emit(event, [change]) }, now());
  readonly #closer: DeadCloser | undefined;
  #state: State = 'pending';
  #reason: Reason = 'new';

  /** @internal */
  constructor(options: HeartbeatGroupOptions<GroupAppData>) {
    super();
    checkOptionNames('createHeartbeatGroup()', OPTIONS, options);

    const { closeOnDead, appData } = optionValues(OPTIONS, options);
    const policy = resolveCloseOnDead(closeOnDead);

    this.appData = appData as GroupAppData;
    this.#closer = policy === false ? undefined : new DeadCloser(this.#closable(), policy);
  }

  /**
   * The state of the best path: `alive` if one is alive, else `suspect`, else `dead`. Pending paths count only if all are pending. An
   * empty group is `pending`. `closed` once the group is closed.
   */
  get state(): State {
    return this.#state;
  }

  /**
   * The reason of the best path. `goodbye` if the client said it on one path, and was heard on none after that. `new` for an empty group.
   */
  get reason(): Reason {
    return this.#reason;
  }

  /** The heartbeats of the participant's open transports. */
  get heartbeats(): readonly Heartbeat[] {
    return [...this.#members.keys()];
  }

  /** The heartbeats whose path was lost while another one was alive, and has not come back. */
  get lostPaths(): readonly Heartbeat[] {
    return [...this.#lost];
  }

  /** Whether the group is closed. */
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * Adds the heartbeat of another transport of the participant. It leaves the group when it is closed. If the participant is dead and waits
   * to be closed, the grace begins again, because somebody reconnects.
   *
   * A group does not know whose transports it has: one living client keeps all of them open.
   *
   * @throws TypeError if it is no heartbeat, or if both the heartbeat and the group have `closeOnDead`.
   * @throws Error if the heartbeat or the group is closed, or if the heartbeat is in another group.
   */
  add(heartbeat: Heartbeat): void {
    // An answering heartbeat has all but this, and judges no client.
    if (typeof heartbeat?.joinPeers !== 'function' || typeof heartbeat.transport !== 'object') {
      throw new TypeError(`add(): heartbeat must be what attachHeartbeat() returns, got ${show(heartbeat)}`);
    } else if (this.#members.has(heartbeat)) {
      return;
    } else if (this.closed) {
      throw new Error('add(): the group is closed. Create a new one.');
    } else if (heartbeat.closed) {
      throw new Error(`add(): the heartbeat is closed (${heartbeat.reason}). Attach a new one first.`);
    } else if (groups.has(heartbeat)) {
      throw new Error('add(): the heartbeat is in another group. Call remove() of that group first.');
    } else if (this.#closer !== undefined && heartbeat.closesOnDead) {
      throw new TypeError(
        'add(): the heartbeat has closeOnDead, and so has the group. Attach the heartbeat without closeOnDead: it would ' +
          'close one transport of a participant that is alive on another one.',
      );
    }

    groups.set(heartbeat, this as unknown as HeartbeatGroup);
    heartbeat.joinPeers(this.#peers);

    const unlisten = [
      listen(heartbeat.observer, 'statechange', change => this.#onStateChange(heartbeat, change)),
      listen(heartbeat.observer, 'recovering', () => this.#closer?.moved()),
    ];

    this.#members.set(heartbeat, {
      unlisten: () => {
        for (const stop of unlisten) {
          stop();
        }
      },
      addedAt: now(),
    });
    this.#judge();
    this.#closer?.joined();
  }

  /** Takes a heartbeat out of the group. Heartbeat and transport stay as they are. */
  remove(heartbeat: Heartbeat): void {
    if (this.#forget(heartbeat)) {
      this.#judge();
    }
  }

  /** Ends the group. Its heartbeats and transports stay as they are. */
  close(): void {
    if (this.closed) {
      return;
    }

    for (const heartbeat of this.heartbeats) {
      this.#forget(heartbeat);
    }

    this.#go('closed', 'heartbeat-closed', 0);
  }

  #forget(heartbeat: Heartbeat): boolean {
    const membership = this.#members.get(heartbeat);

    // It may be in another group.
    if (membership === undefined) {
      return false;
    }

    membership.unlisten();
    this.#lost.delete(heartbeat);
    this.#members.delete(heartbeat);
    groups.delete(heartbeat);
    heartbeat.joinPeers(undefined);

    return true;
  }

  #onStateChange(heartbeat: Heartbeat, { state }: StateChange): void {
    if (state === 'closed') {
      this.#forget(heartbeat);
    }

    this.#judge();
  }

  #judge(): void {
    const members = this.heartbeats.map(({ state, reason, stats, getSnapshot }) => ({
      state,
      reason,
      at: getSnapshot().at,
      lastSeenAt: stats.lastSeenAt,
      silentFor: stats.silentFor,
    }));
    const { state, reason } = groupVerdict(members);

    // A path that was never heard has no silence.
    const heard = members.filter(({ lastSeenAt }) => lastSeenAt !== undefined);

    this.#go(state, reason, heard.length === 0 ? 0 : Math.min(...heard.map(({ silentFor }) => silentFor)));
    this.#tellPaths();
  }

  #go(state: State, reason: Reason, silentFor: number): void {
    const previous = this.#state;

    if (previous !== 'closed' && (previous !== state || this.#reason !== reason)) {
      this.#state = state;
      this.#reason = reason;
      this.#changes.add({
        state,
        previous,
        reason,
        at: now(),
        silentFor,
      });
    }
  }

  #tellPaths(): void {
    for (const heartbeat of this.heartbeats) {
      const { state, reason } = heartbeat;

      if (!this.#members.has(heartbeat)) {
        // A listener has just removed it.
        continue;
      }

      if (state === 'dead' && reason !== 'goodbye' && this.#state === 'alive' && !this.#lost.has(heartbeat)) {
        this.#lost.add(heartbeat);
        this.#emit('pathlost', [{ heartbeat, reason, at: now() }]);
      } else if (state === 'alive' && this.#lost.delete(heartbeat)) {
        this.#emit('pathback', [{ heartbeat, reason, at: now() }]);
      }
    }
  }

  get #pendingUntil(): number | undefined {
    const times = [...this.#members]
      .filter(([heartbeat]) => heartbeat.state === 'pending')
      .map(([heartbeat, { addedAt }]) => addedAt + heartbeat.firstPongTimeout);

    return times.length === 0 ? undefined : Math.max(...times);
  }

  #closable() {
    const group = this;

    return {
      get transports() {
        return group.heartbeats.map(({ transport }) => transport);
      },
      get isServerWell() {
        return group.heartbeats.every(heartbeat => heartbeat.isServerWell);
      },
      get isReturning() {
        return group.heartbeats.some(heartbeat => heartbeat.isReturning);
      },
      get pendingUntil() {
        return group.#pendingUntil;
      },
      close: (cleanup: Cleanup) => this.#closeTransports(cleanup),
      failed: (error: Error) => this.#emit('cleanuperror', [error]),
    };
  }

  #closeTransports(cleanup: Cleanup): void {
    // First, because otherwise each closed transport would change the verdict about the others.
    for (const heartbeat of this.heartbeats) {
      this.#forget(heartbeat);
    }

    closeAll(cleanup.transports, error => this.#emit('cleanuperror', [error]));
    this.#emit('cleanup', [cleanup]);
    this.#judge();
  }

  #emit<E extends keyof HeartbeatGroupEvents>(event: E, args: HeartbeatGroupEvents[E]): void {
    if (event === 'statechange') {
      // Before the listeners: one may close the group, and then this library must not close the transports.
      this.#closer?.changed(args[0] as StateChange);
    }

    emitToAll(this.observer, event, args);
    emitToAll<HeartbeatGroupEvents, E>(this, event, args);
  }
}

/** Of all copies of one version the first one does the work, so all of them share the limits. */
const create = shared(
  `create group ${VERSION}`,
  () => (options: HeartbeatGroupOptions) => new HeartbeatGroup(options),
);

/**
 * Makes a group for the heartbeats of one participant, whose client usually has two transports. The group has one state, one set of
 * events and one `closeOnDead`.
 *
 * @throws TypeError if an option is invalid.
 *
 * @example
 * ```ts
 * const participant = createHeartbeatGroup({ closeOnDead: { grace: 10_000 }, appData: { peerId } });
 *
 * participant.add(await attachHeartbeat(sendTransport));
 * participant.add(await attachHeartbeat(recvTransport));
 * participant.on('cleanup', ({ reason }) => removePeer(peerId, reason));
 * ```
 */
export function createHeartbeatGroup<GroupAppData extends AppData = AppData>(
  options: HeartbeatGroupOptions<GroupAppData> = {},
): HeartbeatGroup<GroupAppData> {
  return create(options as HeartbeatGroupOptions) as HeartbeatGroup<GroupAppData>;
}
