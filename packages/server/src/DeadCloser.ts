import { CloseSchedule, type Reason, type StateChange } from '@mediasoup-heartbeat/protocol';
import type { Cleanup, ClosePolicy } from './ClosePolicy.ts';
import { now } from './clock.ts';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';
import { stateLog } from './logs.ts';
import { loops } from './loops.ts';

/** What is closed if it is dead: a heartbeat, or a group. */
export type Closable = {
  /** Its transports as of now. */
  readonly transports: readonly HeartbeatTransport[];
  /** Whether the server is well as far as this client is concerned, so that its silence proves something. */
  readonly isServerWell: boolean;
  /** Whether it has answered since it died, though not often enough to be alive. */
  readonly isReturning: boolean;
  /** By when a path that was added lately has to answer first, in ms. `undefined`: none is pending. */
  readonly pendingUntil: number | undefined;
  /** Closes its transports, and tells the listeners. */
  close(cleanup: Cleanup): void;
  /** Tells the listeners that `onBeforeClose` failed, or the `close()` of a transport. */
  failed(error: Error): void;
};

/** How long `onBeforeClose` may take, in ms. */
const VETO_WITHIN = 5000;

/** A client that has answered once is alive, or silent again, within this time, in ms. */
const RETURNS_WITHIN = 250;

/**
 * A path that carries something again brings pongs within this time, in ms. It is checked again then: browsers check a path every
 * 2.5 s, and SCTP takes up to 12 s to send again.
 */
const HEARD_WITHIN = 5000;

/** A client that moves from path to path and is never heard is closed after so many graces, or one more. */
const MOST_GRACES = 10;

/** If a client is dead for one of these reasons, its path was silent, so that anything on it is a sign of its return. */
const SILENT: ReadonlySet<Reason> = new Set([
  'missed-pings',
  'ice-disconnected',
  'server-network',
  'worker-unresponsive',
]);

/** A death, by the latest reason. Another object is another death, or another grace. */
type Death = { reason: Reason; readonly at: number };

/** One for all heartbeats of this process, because its limit is for the process. */
const schedule = new CloseSchedule<DeadCloser>();
let armedFor = Number.POSITIVE_INFINITY;
const timer = loops.surroundings.createTimer(wake);

/** Closes the transports of one client some time after its death, unless it comes back before. */
export class DeadCloser {
  readonly #closable: Closable;
  readonly #policy: ClosePolicy;
  /** The present death. `undefined`: it is not dead. */
  #death: Death | undefined;
  /** What its transports had received when it died. */
  #received: Promise<Received> | undefined;

  constructor(closable: Closable, policy: ClosePolicy) {
    this.#closable = closable;
    this.#policy = policy;
  }

  /** Its state or the reason changed. */
  changed({ state, previous, reason, at }: StateChange): void {
    const before = previous === 'dead' ? this.#death : undefined;

    if (state === 'dead' && before !== undefined && reason !== 'goodbye') {
      // The same death: no further grace, and a veto stays.
      before.reason = reason;

      return;
    }

    this.#death = undefined;
    this.#received = undefined;
    schedule.delete(this);

    if (state === 'dead') {
      this.#death = { reason, at: before?.at ?? at };
      this.#plan();
    }

    arm();
  }

  /** It has got another transport. If it is dead, the grace begins again: somebody reconnects. */
  joined(): void {
    if (schedule.has(this)) {
      // Cancels a close that is under way.
      this.#death = { ...(this.#death as Death) };
      this.#plan();
      arm();
    }
  }

  /**
   * It has come on another path. If it is dead, the grace begins again, unless it has been dead for many graces: after a long silence
   * SCTP takes up to a minute to bring a pong, and the client may be away again by then, and again.
   */
  moved(): void {
    const death = this.#death;

    if (
      death !== undefined &&
      SILENT.has(death.reason) &&
      now() - death.at < MOST_GRACES * this.#policy.grace
    ) {
      this.joined();
    }
  }

  /** Whether the server is well as far as this client is concerned. */
  get isServerWell(): boolean {
    return this.#closable.isServerWell;
  }

  /** It is due. */
  close(): void {
    const { onBeforeClose } = this.#policy;

    if (this.#closable.isReturning && schedule.postpone(this, RETURNS_WITHIN, now())) {
      return;
    } else if (this.#received === undefined && onBeforeClose === undefined) {
      this.#closeTransports();
    } else {
      this.#closeIfAllowed(this.#death as Death);
    }
  }

  #plan(): void {
    const { reason } = this.#death as Death;
    const { transports, pendingUntil } = this.#closable;
    const hasGrace = this.#policy.grace > 0 && SILENT.has(reason);
    // A client that replaces its transport says goodbye on the old one before the new one is up.
    const hasLeft = reason === 'goodbye' && pendingUntil === undefined;
    const grace = Math.max(this.#policy.grace, (pendingUntil ?? 0) - now());

    this.#received = hasGrace ? received(transports) : undefined;
    schedule.add(this, { ...this.#policy, grace }, hasLeft, now());
  }

  /** Asks the transports, and then the application. The client may come back meanwhile. */
  async #closeIfAllowed(death: Death): Promise<void> {
    const isOver = () => this.#death !== death || !schedule.has(this);

    if (await this.#hasReceived()) {
      if (isOver()) {
        return;
      } else if (schedule.postpone(this, HEARD_WITHIN, now())) {
        arm();

        return;
      }
    }

    if (isOver()) {
      return;
    }

    const isVetoed = await this.#isVetoed();

    if (isOver()) {
      return;
    } else if (isVetoed) {
      stateLog('%s stays open: onBeforeClose() returned false', this.#names);
      schedule.delete(this);
    } else if (this.#closable.isReturning && schedule.postpone(this, RETURNS_WITHIN, now())) {
      arm();
    } else {
      this.#closeTransports();
    }
  }

  /** Whether a transport has received anything since this was asked last, or since the death. */
  async #hasReceived(): Promise<boolean> {
    const before = await this.#received;

    if (before === undefined) {
      return false;
    }

    this.#received = received(this.#closable.transports);

    const present = await this.#received;

    return [...present].some(([transport, bytes]) => bytes !== (before.get(transport) ?? bytes));
  }

  async #isVetoed(): Promise<boolean> {
    const { onBeforeClose } = this.#policy;

    if (onBeforeClose === undefined) {
      return false;
    }

    let reject: (error: Error) => void = () => {};
    const timeout = new Promise<never>((_resolve, late) => {
      reject = late;
    });
    const vetoTimer = loops.surroundings.createTimer(() =>
      reject(new Error(`onBeforeClose() took longer than ${VETO_WITHIN} ms; the transports are closed.`)),
    );

    vetoTimer.set(VETO_WITHIN);

    try {
      return (await Promise.race([onBeforeClose(this.#cleanup), timeout])) === false;
    } catch (error) {
      this.#closable.failed(error instanceof Error ? error : new Error(String(error)));

      return false;
    } finally {
      vetoTimer.clear();
    }
  }

  get #cleanup(): Cleanup {
    const { reason, at } = this.#death as Death;

    return { transports: [...this.#closable.transports], reason, deadAt: at, deadFor: now() - at };
  }

  get #names(): string {
    return this.#closable.transports.map(({ id }) => id).join(', ');
  }

  #closeTransports(): void {
    const cleanup = this.#cleanup;

    stateLog('%s closed: dead for %d ms (%s)', this.#names, Math.round(cleanup.deadFor), cleanup.reason);
    schedule.delete(this);
    this.#closable.close(cleanup);
  }
}

type Received = ReadonlyMap<HeartbeatTransport, number>;

/** The bytes that transports have received. One that is gone is left out. */
async function received(transports: readonly HeartbeatTransport[]): Promise<Received> {
  const counts = new Map<HeartbeatTransport, number>();

  for (const transport of transports) {
    try {
      const [stats] = await transport.getStats();

      counts.set(transport, stats?.bytesReceived ?? 0);
    } catch {
      // The transport or its Worker is gone, and says so itself.
    }
  }

  return counts;
}

function arm(): void {
  const dueAt = schedule.nextTimeout;

  if (dueAt !== armedFor) {
    armedFor = dueAt;

    if (dueAt < Number.POSITIVE_INFINITY) {
      timer.set(Math.max(0, dueAt - now()));
    } else {
      timer.clear();
    }
  }
}

function wake(): void {
  const late = now() - armedFor;
  const wasHeldUp = late > loops.surroundings.stall;

  armedFor = Number.POSITIVE_INFINITY;

  if (wasHeldUp) {
    // What came in time waits unread.
    schedule.stalled(late, now());
  }

  // After it: what has arrived by now may be a sign of life.
  loops.surroundings.afterInput(() => {
    try {
      for (const closer of schedule.take(client => client.isServerWell, now())) {
        closer.close();
      }
    } finally {
      arm();
    }
  }, wasHeldUp);
}
