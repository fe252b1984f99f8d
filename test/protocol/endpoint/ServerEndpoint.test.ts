import {
  AdaptiveDetector,
  type DetectorInput,
  encodeFrame,
  type Ping,
  resolveDetectorOptions,
  type State,
} from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { Server } from './ServerWalk.ts';

type Change = { to: State; at: number };
type Answer = { at: number; ping: Ping };

/** A server side and its peer, which answers after `rtt` ms or not at all. The clock begins at 0. */
class Peer {
  readonly endpoint: Server;
  /** All changes of the state after the first pong. */
  readonly changes: Change[] = [];
  /** When each ping left. */
  readonly pings: number[] = [];
  rtt: number | undefined = 20;
  now = 0;
  /** Whether its network stack is heard, and when it was last. */
  isStackHeard = false;
  stackHeardAt = 0;
  /** How often the transport was read. */
  reads = 0;
  #lastPing: Ping | undefined;
  #received = 0;
  #answers: Answer[] = [];

  constructor(input: DetectorInput = {}) {
    const bounds = resolveDetectorOptions(input);

    this.endpoint = new Server(
      {
        bounds,
        detector: new AdaptiveDetector(bounds, 'server'),
        firstPongTimeout: 15_000,
        frozenTimeout: 60_000,
        phase: bounds.interval,
        random: () => 7,
        now: 0,
      },
      ping => this.#onping(ping),
    );
    this.endpoint.connected(0);
    this.endpoint.accept(1, 0);
  }

  get state(): State {
    return this.endpoint.state;
  }

  get timeout(): number {
    return this.endpoint.stats(this.now).evidence.deadline;
  }

  /** Lets time pass until `end`, every call on time. */
  until(end: number): this {
    for (;;) {
      const answerAt = this.#answers[0]?.at ?? Number.POSITIVE_INFINITY;
      const next = Math.min(this.endpoint.nextTimeout, answerAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (answerAt <= this.now) {
        this.answered(this.#answers.shift()?.ping);
      } else {
        this.wake();
      }
    }

    this.now = end;

    return this;
  }

  wake(now = this.now): this {
    this.endpoint.handleTimeout(now);

    return this.#settle();
  }

  /** The answer to a ping comes, by default to the latest. */
  answered(ping = this.#lastPing): this {
    const { seq, token } = ping as Ping;

    this.endpoint.handleFrame(encodeFrame({ type: 'pong', seq, token, hold: 0, seen: 0 }, 1), this.now);

    return this.#settle();
  }

  /** The process stands still, and is told so when it wakes. */
  stalled(ms: number): this {
    const from = this.now;

    this.now += ms;
    this.endpoint.handleStall(from, this.now);

    return this.wake();
  }

  #settle(): this {
    if (this.endpoint.pollPathProbe()) {
      this.reads++;
      this.#received += this.isStackHeard ? 1 : 0;
      this.stackHeardAt = this.isStackHeard ? this.now : this.stackHeardAt;
      this.endpoint.handlePath({ received: this.#received }, this.now);
    }

    for (let event = this.endpoint.poll(); event !== undefined; event = this.endpoint.poll()) {
      if (event.type === 'change' && !['pending', event.change.state].includes(event.change.previous)) {
        this.changes.push({ to: event.change.state, at: this.now });
      }
    }

    return this;
  }

  #onping(ping: Ping): void {
    this.pings.push(this.now);
    this.#lastPing = ping;

    if (this.rtt !== undefined) {
      this.#answers.push({ at: this.now + this.rtt, ping });
      this.#answers.sort((a, b) => a.at - b.at);
    }
  }
}

const MINUTE = 60_000;

/** A peer that was alive for a minute and is gone right after an answered ping. */
function cut(input: DetectorInput = {}): Peer {
  const peer = new Peer(input).until(MINUTE + 500);

  peer.rtt = undefined;

  return peer;
}

describe('ServerEndpoint', () => {
  it('pings a healthy peer once an interval, and is sure of nothing', () => {
    const peer = new Peer().until(MINUTE);

    expect(peer.pings).toEqual(Array.from({ length: 61 }, (_, second) => second * 1000));
    expect(peer.changes).toEqual([]);
    expect(peer.endpoint.figures.missed).toBe(0);
    expect(peer.reads).toBe(0);
    expect(peer.endpoint.figures.suspicion).toBeLessThan(0.2);
  });

  it('probes ten times an interval once an answer is missed, until there is one', () => {
    const peer = new Peer().until(10_500);

    peer.rtt = undefined;
    peer.until(11_095);
    peer.rtt = 20;
    peer.until(15_000);

    // A ping at 11.0 s, missed at 11.09; a probe that is missed, too, and one that is answered.
    expect(peer.pings.slice(11)).toEqual([11_000, 11_100, 12_000, 13_000, 14_000, 15_000]);
    expect(peer.changes).toEqual([]);
  });

  it('suspects a clean link in a second and a half, and gives it up after the longest outage', () => {
    const peer = cut().until(2 * MINUTE);

    expect(peer.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    expect((peer.changes[0] as Change).at - (MINUTE + 20)).toBeGreaterThanOrEqual(1600);
    expect((peer.changes[0] as Change).at - (MINUTE + 20)).toBeLessThan(1800);
    expect((peer.changes[1] as Change).at - (MINUTE + 20)).toBeGreaterThanOrEqual(5250);
    expect((peer.changes[1] as Change).at - (MINUTE + 20)).toBeLessThan(5600);
  });

  it('is surer the longer it lasts, and sure when dead', () => {
    const peer = cut();
    let suspicion = 0;

    for (let at = MINUTE + 600; at < MINUTE + 5200; at += 50) {
      peer.until(at);
      expect(peer.endpoint.figures.suspicion).toBeGreaterThanOrEqual(suspicion);
      suspicion = peer.endpoint.figures.suspicion;
    }

    expect(suspicion).toBeGreaterThan(0.9);
    expect(suspicion).toBeLessThan(1);
    expect(peer.until(MINUTE + 6000).endpoint.figures.suspicion).toBe(1);
  });

  it('survives an outage of 4 s that begins right after an answer', () => {
    const peer = cut().until(MINUTE + 4020 + 980);

    peer.rtt = 20;
    peer.until(2 * MINUTE);

    expect(peer.changes.map(({ to }) => to)).toEqual(['suspect', 'alive']);
  });

  it('tells of an outage that is over before it closes, and of nothing afterwards', () => {
    const peer = cut().until(MINUTE + 4000);

    peer.rtt = 20;
    peer.until(MINUTE + 6000);

    const { endpoint } = peer;
    const types = () => {
      const told: string[] = [];

      for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {
        told.push(event.type);
      }

      return told;
    };

    endpoint.close('heartbeat-closed', MINUTE + 9000);
    expect(types()).toEqual(['outage', 'change']);
    expect(endpoint.stats(MINUTE + 20_000).outages.count).toBe(1);
    expect(types()).toEqual([]);
  });

  it('takes two answers to bring back who was suspect, and a miss between them takes the first back', () => {
    const peer = cut().until(MINUTE + 3000);

    peer.answered();
    expect(peer.state).toBe('suspect');
    expect(peer.endpoint.figures.missed).toBe(0);
    // The pings after it are missed, then one is answered: the first of two again.
    peer.until(peer.now + 1000).answered();
    expect(peer.state).toBe('suspect');

    peer.rtt = 20;
    peer.until(peer.now + 300);
    expect(peer.state).toBe('alive');
  });

  it('brings back who was dead, within a third of a second', () => {
    const peer = cut().until(MINUTE + 20_000);

    peer.rtt = 20;
    peer.until(MINUTE + 20_350);

    expect(peer.changes.at(-1)?.to).toBe('alive');
  });

  it('falls back to regular pings where a peer is dead for good', () => {
    const { deadAtLatest } = resolveDetectorOptions();
    const peer = cut().until(MINUTE + deadAtLatest + 2000);
    const before = peer.pings.length;

    peer.until(peer.now + 10_000);
    expect(peer.pings.length - before).toBe(10);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is not harmed by a time of %f',
    none => {
      const peer = new Peer().until(MINUTE);

      peer.wake(none);
      peer.endpoint.handleStall(none, none);
      peer.endpoint.handlePath({ received: 1 }, none);
      peer.until(2 * MINUTE);
      expect(peer.changes).toEqual([]);

      peer.rtt = undefined;
      peer.until(2 * MINUTE + 5600);
      expect(peer.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    },
  );

  it('ends its patience though its process stands still twice a second', () => {
    const peer = cut({ preset: 'patient' });

    for (let turn = 0; turn < 260; turn++) {
      peer.until(peer.now + 350).stalled(150);
    }

    expect(peer.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
  });

  it('reads the transport from the second miss on, and not before', () => {
    const peer = cut().until(MINUTE + 1150);

    expect(peer.endpoint.figures.missed).toBe(1);
    expect(peer.reads).toBe(0);
    peer.until(MINUTE + 1250);
    expect(peer.endpoint.figures.missed).toBe(2);
    expect(peer.reads).toBeGreaterThan(0);
  });

  it('spares a peer whose path is alive until its own bound, and suspects it all the same', () => {
    const peer = cut({ unresponsiveAfter: 30_000 });

    peer.isStackHeard = true;
    peer.until(MINUTE + 29_000);
    expect(peer.state).toBe('suspect');
    expect(peer.endpoint.reason).toBe('page-unresponsive');
    peer.until(MINUTE + 31_000);
    expect(peer.state).toBe('dead');
  });

  it('counts from when the path died, where it was alive before', () => {
    const peer = cut();

    peer.isStackHeard = true;
    peer.until(MINUTE + 4000);
    peer.isStackHeard = false;
    peer.until(peer.stackHeardAt + 5200);
    expect(peer.state).toBe('suspect');
    peer.until(peer.stackHeardAt + 5700);
    expect(peer.state).toBe('dead');
  });

  it('takes no counters that it did not ask for', () => {
    const peer = new Peer().until(10_500);

    peer.endpoint.handlePath({ received: 1 }, peer.now);
    peer.endpoint.handlePath({ received: 2 }, peer.now);
    peer.rtt = undefined;
    peer.until(20_000);
    expect(peer.endpoint.reason).toBe('missed-pings');
  });

  it('suspects at once whom the transport reports in trouble, and lets two answers clear it', () => {
    const peer = new Peer().until(10_500);

    peer.endpoint.handleDegraded('ice-disconnected', peer.now);
    expect(peer.state).toBe('suspect');
    expect(peer.endpoint.nextTimeout).toBe(peer.now);
    expect(peer.until(10_900).state).toBe('alive');
  });

  it('blames nobody for its own stall, and asks anew after it', () => {
    const peer = cut()
      .until(MINUTE + 4000)
      .stalled(5000);

    expect(peer.state).toBe('suspect');
    peer.until(peer.now + 199);
    expect(peer.state).toBe('suspect');
    // What was silence before the stall is silence after it.
    peer.until(peer.now + 2500);
    expect(peer.state).toBe('dead');
  });

  it('takes a call that comes seconds late for a stall of its own', () => {
    const peer = new Peer().until(11_010);

    // With a ping on its way, whose answer is read long after the call.
    peer.now += 30_000;
    expect(peer.wake().state).toBe('alive');
    peer.until(peer.now + 5000);
    expect(peer.changes).toEqual([]);
  });

  it('learns no round trip from what waited in a frozen page or behind its own stall', () => {
    const peer = new Peer().until(30_000);
    const before = peer.timeout;

    peer.until(30_010).stalled(3000).until(40_000);
    expect(peer.timeout).toBeCloseTo(before, 5);
  });

  it('is patient with a link that it knows to lose half', () => {
    const peer = new Peer();
    let seed = 7;

    // Half of all is lost, by a generator that is the same every time.
    for (let at = 100; at <= 15 * MINUTE; at += 100) {
      seed = (seed * 48_271) % 2_147_483_647;
      peer.rtt = seed % 2 === 0 ? 20 : undefined;
      peer.until(at);
    }

    expect(peer.changes.filter(({ to }) => to === 'dead')).toEqual([]);

    const from = peer.now;

    peer.rtt = undefined;
    peer.until(from + 20_000);

    const suspect = peer.changes.findLast(({ to }) => to === 'suspect') as Change;
    const dead = peer.changes.findLast(({ to }) => to === 'dead') as Change;

    expect(suspect.at - from).toBeGreaterThan(1400);
    expect(dead.at - from).toBeGreaterThan(5250);
    expect(dead.at - from).toBeLessThan(7500);
  });

  it('is dead within the bound however poor the link was, and was suspect before', () => {
    const peer = new Peer();

    // Twenty seconds in which nothing passes, again and again: a habit.
    for (let at = 0; at < 30 * MINUTE; at += 25_000) {
      peer.rtt = 20;
      peer.until(at + 5000);
      peer.rtt = undefined;
      peer.until(at + 25_000);
    }

    const { deadAtLatest, deadAfter, suspectAfter } = resolveDetectorOptions();
    const from = peer.now;

    peer.until(from + 2 * deadAtLatest);

    const dead = peer.changes.findLast(({ to }) => to === 'dead') as Change;
    const suspect = peer.changes.findLast(({ to }) => to === 'suspect') as Change;

    expect(peer.state).toBe('dead');
    expect(dead.at - suspect.at).toBeGreaterThanOrEqual(deadAfter - suspectAfter - 200);
    expect(dead.at - from).toBeLessThanOrEqual(deadAtLatest + 200);
  });

  it('holds nothing against a late answer: what follows it is a silence of its own', () => {
    const peer = new Peer().until(10 * MINUTE + 500);

    // One answer that took four seconds, and nothing after it.
    peer.rtt = 4000;
    peer.until(10 * MINUTE + 1050);
    peer.rtt = undefined;
    peer.until(10 * MINUTE + 5000);
    expect(peer.endpoint.figures.missed).toBe(0);
    peer.until(10 * MINUTE + 5000 + 5200);
    expect(peer.state).toBe('suspect');
    peer.until(10 * MINUTE + 5000 + 5500);
    expect(peer.state).toBe('dead');
  });

  it('begins anew when it is accepted again, and keeps what it learned of the link', () => {
    const peer = cut().until(MINUTE + 3000);
    const { timeout } = peer;

    peer.endpoint.accept(1, peer.now);
    expect(peer.endpoint.figures).toMatchObject({ missed: 0, suspicion: 0 });
    expect(peer.timeout).toBe(timeout);
    expect(peer.endpoint.nextTimeout).toBe(peer.now);
    // Only a sign of life makes it alive. [HB-JUDGE-2]
    expect(peer.state).toBe('suspect');
    expect(peer.until(peer.now + 10).answered().state).toBe('alive');
  });

  it('wants nothing any more once it is declined', () => {
    const peer = cut().until(MINUTE + 3000);

    peer.endpoint.decline('no-client-half', peer.now);
    expect(peer.endpoint.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(peer.endpoint.pollPathProbe()).toBe(false);
    expect(peer.endpoint.figures.suspicion).toBe(0);
    peer.endpoint.handleDegraded('ice-disconnected', peer.now);
    peer.endpoint.handlePath({ received: 1 }, peer.now);
    peer.answered();
    expect(peer.endpoint.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  it('bears more pings on their way than it has room for', () => {
    const peer = new Peer({ interval: 100 }).until(5000);

    peer.rtt = undefined;
    peer.until(20_000);
    expect(peer.pings.length).toBeGreaterThan(50 + 128);
    peer.answered();
    expect(peer.endpoint.figures.missed).toBe(0);
    expect(peer.endpoint.stats(peer.now).malformed).toBe(0);
  });
});
