/** How soon, and how often, dead clients are closed. */
export type ClosePlan = {
  /** How long a client stays dead before it is closed, in ms. */
  grace: number;
  /** At most so many clients are closed within a second, by this plan and all others of the schedule. */
  maxPerSecond: number;
};

type Entry = {
  plan: ClosePlan;
  dueAt: number;
  /** By when it is closed, although the server is unwell or the client's path shows signs of life. */
  latestAt: number;
  /** Whether the client said goodbye. */
  hasLeft: boolean;
  /** Whether the server was unwell when the client was due. */
  isHeld: boolean;
  /** When the limit allows another close. */
  allowedAt: number;
};

/** The time over which closes are counted, in ms. */
const SECOND = 1000;

/** How often the server's health is looked at while closes wait for it, in ms. */
const LOOK_EVERY = 250;

/**
 * How long a close may wait beyond the grace for the server to be well, or for a client whose path shows signs of life, in ms.
 * Clients that share a failed network may be silent for good.
 */
const WAITS_AT_MOST = 60_000;

/**
 * When to close which dead client. One schedule is for all clients of a process, because the limit protects the clients from the
 * process: a false verdict about many at once must not end all calls at once.
 *
 * It has no timer: the caller calls {@link take} at {@link nextTimeout}.
 */
export class CloseSchedule<Client extends object> {
  readonly #entries = new Map<Client, Entry>();
  /** When the latest closes were, the oldest first. */
  readonly #closedAt: number[] = [];
  /** Nobody is due before this. It is looked for anew only when it has come: thousands may die, or come back, within a second. */
  #next = Number.POSITIVE_INFINITY;

  /** A client is dead, or dead anew: the grace begins. One that has said goodbye has none. */
  add(client: Client, plan: ClosePlan, hasLeft: boolean, now: number): void {
    const dueAt = now + (hasLeft ? 0 : plan.grace);

    this.#entries.set(client, {
      plan,
      dueAt,
      latestAt: dueAt + WAITS_AT_MOST,
      hasLeft,
      isHeld: false,
      allowedAt: now,
    });
    this.#next = Math.min(this.#next, dueAt);
  }

  /** A client has come back, or is closed by somebody else. */
  delete(client: Client): void {
    this.#entries.delete(client);
  }

  /** Whether a client waits to be closed. */
  has(client: Client): boolean {
    return this.#entries.has(client);
  }

  /**
   * A client that is due shows signs of life: it gets `delay` ms more.
   *
   * @returns whether it does. It does not once it has been spared for so long that it is closed anyway.
   */
  postpone(client: Client, delay: number, now: number): boolean {
    const entry = this.#entries.get(client);
    const mayWait = entry !== undefined && now < entry.latestAt;

    if (mayWait) {
      entry.dueAt = Math.min(now + delay, entry.latestAt);
      this.#next = Math.min(this.#next, entry.dueAt);
    }

    return mayWait;
  }

  /** The process stood still for so long until now: whoever would be due gets that time again, up to the grace. */
  stalled(duration: number, now: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.dueAt <= now && !entry.hasLeft) {
        entry.dueAt = now + Math.min(duration, entry.plan.grace);
      }
    }

    this.#lookForNext();
  }

  /**
   * The clients to close now, as many as the limits allow: first those that said goodbye, then those that waited longest. They
   * stay in the schedule until they are deleted, and are not returned again.
   *
   * @param isWell - Whether the server is well as far as it concerns this client. While it is not, the client may be alive.
   */
  take(isWell: (client: Client) => boolean, now: number): Client[] {
    const due: [Client, Entry][] = [];
    const taken: Client[] = [];

    this.#forget(now);

    for (const [client, entry] of this.#entries) {
      if (entry.dueAt <= now) {
        due.push([client, entry]);
      }
    }

    due.sort(([, a], [, b]) => Number(b.hasLeft) - Number(a.hasLeft) || a.dueAt - b.dueAt);

    for (const [client, entry] of due) {
      if (this.#isHeld(entry, () => isWell(client), now)) {
        continue;
      }

      const tooMany = this.#closedAt.length - entry.plan.maxPerSecond;

      if (tooMany >= 0) {
        entry.allowedAt = (this.#closedAt[tooMany] as number) + SECOND;
      } else {
        entry.dueAt = Number.POSITIVE_INFINITY;
        this.#closedAt.push(now);
        taken.push(client);
      }
    }

    this.#lookForNext();

    return taken;
  }

  /** When to call {@link take} next. It may be too early. `Infinity`: nobody waits. */
  get nextTimeout(): number {
    return this.#entries.size === 0 ? Number.POSITIVE_INFINITY : this.#next;
  }

  #lookForNext(): void {
    this.#next = Number.POSITIVE_INFINITY;

    for (const { dueAt, allowedAt } of this.#entries.values()) {
      this.#next = Math.min(this.#next, Math.max(dueAt, allowedAt));
    }
  }

  /** Whether a client that is due waits for the server to be well. The grace is a time in which the client could be heard. */
  #isHeld(entry: Entry, isWell: () => boolean, now: number): boolean {
    if (entry.hasLeft || now >= entry.latestAt) {
      return false;
    } else if (!isWell()) {
      entry.isHeld = true;
      entry.dueAt = Math.min(now + LOOK_EVERY, entry.latestAt);

      return true;
    } else if (entry.isHeld) {
      entry.isHeld = false;
      entry.dueAt = Math.min(now + entry.plan.grace, entry.latestAt);

      return entry.dueAt > now;
    }

    return false;
  }

  #forget(now: number): void {
    while ((this.#closedAt[0] ?? now) <= now - SECOND) {
      this.#closedAt.shift();
    }
  }
}
