import {
  AdaptiveDetector,
  type DetectorInput,
  encodeFrame,
  resolveDetectorOptions,
  type State,
} from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { Client } from './ClientWalk.ts';

type Change = { to: State; at: number };

/** A client side and a server that pings every `every` ms, or not at all. The first ping comes at 0. */
class Server {
  readonly endpoint: Client;
  /** All changes of the state after the first ping. */
  readonly changes: Change[] = [];
  every: number | undefined = 1000;
  now = 0;
  /** Whether its network stack is heard. */
  isStackHeard = false;
  /** How often the connection was to be read, and whether it answers at once. */
  reads = 0;
  answersReads = true;
  #received = 0;
  #seq = 0;
  #pingAt = 0;

  constructor(input: DetectorInput = {}) {
    const bounds = resolveDetectorOptions(input);

    this.endpoint = new Client({
      bounds,
      detector: new AdaptiveDetector(bounds, 'client'),
      version: 1,
      firstPingTimeout: 15_000,
      instance: 1,
      now: 0,
    });
    this.endpoint.opened(0);
  }

  get state(): State {
    return this.endpoint.state;
  }

  get timeout(): number {
    return this.endpoint.stats(this.now).evidence.deadline;
  }

  /** Lets time pass until `end`. The owner's timer is aligned to whole `timer` ms, as in a hidden page. */
  until(end: number, timer = 0): this {
    this.#pingAt = Math.max(this.now, this.#pingAt);

    for (;;) {
      const { nextTimeout } = this.endpoint;
      const timerAt = timer > 0 ? Math.ceil(nextTimeout / timer) * timer : nextTimeout;
      const pingAt = this.every === undefined ? Number.POSITIVE_INFINITY : this.#pingAt;
      const next = Math.min(timerAt, pingAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (pingAt <= this.now) {
        this.#ping();
        this.#pingAt = this.now + (this.every ?? 0);
      } else {
        this.wake();
      }
    }

    this.now = end;

    return this;
  }

  /** The page goes into the background. */
  hide(): this {
    this.endpoint.setHidden(true, this.now);

    return this;
  }

  wake(now = this.now): this {
    this.endpoint.handleTimeout(now);

    return this.#settle();
  }

  /** The connection is read, whoever wanted it. */
  read(): this {
    this.#received += this.isStackHeard ? 1 : 0;
    this.endpoint.handlePath({ received: this.#received }, this.now);

    return this.#settle();
  }

  /** The page stands still, and is told so when it wakes. */
  stalled(ms: number): this {
    const from = this.now;

    this.now += ms;
    this.endpoint.handleStall(from, this.now);

    return this.wake();
  }

  #ping(): void {
    const ping = { type: 'ping', seq: this.#seq++, token: 1, ack: 0, ackHold: 0, pongs: 0 } as const;

    this.endpoint.handleFrame(encodeFrame(ping, 1), this.now);
    this.#settle();
  }

  #settle(): this {
    if (this.endpoint.pollPathProbe()) {
      this.reads++;

      if (this.answersReads) {
        this.read();
      }
    }

    for (let event = this.endpoint.poll(); event !== undefined; event = this.endpoint.poll()) {
      if (event.type === 'change' && !['pending', event.change.state].includes(event.change.previous)) {
        this.changes.push({ to: event.change.state, at: this.now });
      }
    }

    return this;
  }
}

const MINUTE = 60_000;

/** A server that pinged for a minute, last at that minute, and is gone. */
function gone(input: DetectorInput = {}): Server {
  const server = new Server(input).until(MINUTE + 10);

  server.every = undefined;

  return server;
}

describe('ClientEndpoint', () => {
  it('suspects nobody who pings once an interval', () => {
    const server = new Server().until(10 * MINUTE);

    expect(server.changes).toEqual([]);
    expect(server.endpoint.figures.missed).toBe(0);
    expect(server.reads).toBe(0);
    expect(server.timeout).toBe(1150);
  });

  it('suspects a server within two seconds of its last ping, and gives it up after the longest outage', () => {
    const server = gone().until(2 * MINUTE);

    expect(server.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    expect((server.changes[0] as Change).at - MINUTE).toBeGreaterThanOrEqual(1600);
    expect((server.changes[0] as Change).at - MINUTE).toBeLessThan(2000);
    expect((server.changes[1] as Change).at - MINUTE).toBeGreaterThanOrEqual(5250);
    expect((server.changes[1] as Change).at - MINUTE).toBeLessThan(5700);
  });

  it('survives an outage of 4 s', () => {
    const server = gone().until(MINUTE + 5000);

    server.every = 100;
    server.until(MINUTE + 6000);

    expect(server.changes.map(({ to }) => to)).toEqual(['suspect', 'alive']);
  });

  it('takes one ping to clear a suspicion, and two to bring back the dead', () => {
    const server = gone().until(MINUTE + 3000);

    server.every = 500;
    server.until(MINUTE + 3000);
    expect(server.state).toBe('alive');

    const dead = gone().until(MINUTE + 10_000);

    dead.every = 500;
    dead.until(MINUTE + 10_000);
    expect(dead.state).toBe('dead');
    expect(dead.endpoint.figures.suspicion).toBeLessThan(1);
    dead.until(MINUTE + 10_500);
    expect(dead.state).toBe('alive');
  });

  it('waits longer for a server whose pings come late as a rule', () => {
    const server = new Server();

    for (let turn = 0; turn < 50; turn++) {
      server.every = 1000 + 50 * (turn % 5);
      server.until(server.now + 1500);
    }

    expect(server.timeout).toBeGreaterThan(1300);
    expect(server.changes).toEqual([]);
  });

  it.each([10, 137, 420, 500, 734, 990])(
    'in a hidden page gives a server up, whose pings come %i ms after its timers, at the first timer after a visible page does',
    phase => {
      const [visible, hidden] = [new Server(), new Server().hide()];

      for (const [server, timer] of [
        [visible, 0],
        [hidden, 1000],
      ] as const) {
        server.now = phase;
        server.until(MINUTE + phase + 10, timer);
        server.every = undefined;
        server.until(2 * MINUTE, timer);
        expect(server.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
      }

      for (const [index, { at }] of hidden.changes.entries()) {
        expect(at).toBe(Math.ceil((visible.changes[index] as Change).at / 1000) * 1000);
      }
    },
  );

  it('in a hidden page learns of a silence that was over before its timer fired', () => {
    const [visible, hidden] = [new Server(), new Server().hide()];

    for (const [server, timer] of [
      [visible, 0],
      [hidden, 1000],
    ] as const) {
      server.now = 50;

      for (let spell = 0; spell < 60; spell++) {
        server.every = 1000;
        server.until(server.now + 6000, timer);
        // The next ping comes just before a timer.
        server.every = 1900;
        server.until(server.now + 1900, timer);
        server.every = 100;
        server.until(server.now + 100, timer);
      }

      expect(server.state).toBe('alive');
      server.changes.length = 0;
      server.every = undefined;
      server.until(server.now + MINUTE, timer);
    }

    expect(hidden.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);

    for (const [index, { at }] of hidden.changes.entries()) {
      expect(at).toBeGreaterThanOrEqual((visible.changes[index] as Change).at);
    }
  });

  it('is no slower in a hidden page for reading in between that the path is silent', () => {
    const hidden = new Server().hide().until(MINUTE + 10, 1000);

    hidden.every = undefined;
    hidden.answersReads = false;

    for (let end = MINUTE + 1010; end < 2 * MINUTE; end += 1000) {
      hidden.until(end, 1000).read();
    }

    expect(hidden.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    expect((hidden.changes[1] as Change).at - MINUTE).toBeLessThan(6400);
  });

  it('takes one call that comes late for a stall of its own', () => {
    const server = new Server().until(MINUTE + 1100);

    server.every = undefined;
    server.now += 1400;
    expect(server.wake().state).toBe('alive');
    server.every = 1000;
    server.until(2 * MINUTE);
    expect(server.changes).toEqual([]);
  });

  it('blames nobody for its own stall, and takes what was silence before it for silence after it', () => {
    const server = gone()
      .until(MINUTE + 4000)
      .stalled(60_000);

    expect(server.state).toBe('suspect');
    server.until(server.now + 200);
    expect(server.state).toBe('suspect');
    server.until(server.now + 2000);
    expect(server.state).toBe('dead');
  });

  it('spares a server whose path is alive until its own bound, and suspects it all the same', () => {
    const server = gone();

    server.isStackHeard = true;
    server.until(MINUTE + 60_000);
    expect(server.state).toBe('suspect');
    expect(server.endpoint.reason).toBe('server-unresponsive');
    server.until(MINUTE + 61_100);
    expect(server.state).toBe('dead');
  });

  it('suspects at once whom the connection reports in trouble, and asks for proof', () => {
    const server = new Server().until(10_500);

    server.endpoint.handleDegraded('ice-disconnected', server.now);
    expect(server.state).toBe('suspect');
    expect(server.wake().reads).toBe(1);
    expect(server.until(11_000).state).toBe('alive');
  });

  it('is dead within the bound however poor the link was, and was suspect before', () => {
    const server = new Server();

    // Twenty seconds in which nothing comes, again and again: a habit.
    for (let at = 0; at < 30 * MINUTE; at += 25_000) {
      server.every = 1000;
      server.until(at + 5000);
      server.every = undefined;
      server.until(at + 25_000);
    }

    const { deadAtLatest, deadAfter, suspectAfter } = resolveDetectorOptions();
    const from = server.now;

    server.until(from + 2 * deadAtLatest);

    const dead = server.changes.findLast(({ to }) => to === 'dead') as Change;
    const suspect = server.changes.findLast(({ to }) => to === 'suspect') as Change;

    expect(server.state).toBe('dead');
    expect(dead.at - suspect.at).toBeGreaterThanOrEqual(deadAfter - suspectAfter - 200);
    expect(dead.at - from).toBeLessThanOrEqual(deadAtLatest + 200);
  });

  it('is dead soon after its bound where pings are as quick as probes', () => {
    const server = new Server({ preset: 'patient', interval: 100 });

    server.every = 100;
    server.until(MINUTE);
    server.every = undefined;
    server.until(MINUTE + 42_000);
    expect(server.changes.map(({ to }) => to)).toEqual(['suspect']);

    server.until(MINUTE + 43_000);
    expect(server.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
  });

  it('asks about a dead server until it has been silent for very long', () => {
    const { deadAtLatest } = resolveDetectorOptions();
    const server = gone().until(MINUTE + deadAtLatest - 200);

    expect(server.reads).toBeGreaterThan(40);
    server.until(MINUTE + deadAtLatest + 200);

    const { reads } = server;

    server.until(2 * MINUTE);
    expect(server.reads).toBe(reads);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is not harmed by a time of %f',
    none => {
      const server = new Server().until(MINUTE + 10);

      server.wake(none);
      server.endpoint.handleStall(none, none);
      server.until(2 * MINUTE + 10);
      expect(server.changes).toEqual([]);

      server.every = undefined;
      server.until(2 * MINUTE + 6000);
      expect(server.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    },
  );

  it('begins anew when it thaws, and wants nothing any more once it is frozen', () => {
    const server = gone().until(MINUTE + 3000);

    server.endpoint.thaw(server.now);
    expect(server.endpoint.figures).toMatchObject({ missed: 0, suspicion: 0 });
    expect(server.until(server.now + 1149).endpoint.figures.missed).toBe(0);
    expect(server.until(server.now + 1).endpoint.figures.missed).toBe(1);
    // Only a sign of life makes it alive. [HB-JUDGE-2]
    expect(server.state).toBe('suspect');

    server.endpoint.freeze(server.now);
    server.endpoint.handleDegraded('ice-disconnected', server.now);
    expect(server.endpoint.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(server.endpoint.pollPathProbe()).toBe(false);
    expect(server.endpoint.figures.suspicion).toBe(0);
  });
});
