import { describe, expect, it } from 'vitest';
import { AdaptiveArrivalDetector } from '../../../packages/protocol/src/detector/AdaptiveArrivalDetector.ts';
import type { Judgement } from '../../../packages/protocol/src/detector/Detector.ts';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';

type Change = { to: Judgement; at: number };

/** A detector and a server that pings every `every` ms, or not at all. The first ping comes at 0. */
class Server {
  readonly detector: AdaptiveArrivalDetector;
  readonly changes: Change[] = [];
  every: number | undefined = 1000;
  now = 0;
  #judgement: Judgement = 'alive';
  #seq = 0;
  #pingAt = 0;

  constructor(input: DetectorInput = {}) {
    this.detector = new AdaptiveArrivalDetector(resolveDetectorOptions(input));
    this.detector.start(0);
  }

  /** Lets time pass until `end`. The owner's timer is aligned to whole `timer` ms, as in a hidden page. */
  until(end: number, timer = 0): this {
    this.#pingAt = Math.max(this.now, this.#pingAt);

    for (;;) {
      const { judgeAt } = this.detector;
      const timerAt = timer > 0 ? Math.ceil(judgeAt / timer) * timer : judgeAt;
      const pingAt = this.every === undefined ? Number.POSITIVE_INFINITY : this.#pingAt;
      const next = Math.min(timerAt, pingAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (pingAt <= this.now) {
        this.detector.arrived(this.#seq++, this.now);
        this.#pingAt = this.now + (this.every ?? 0);
      }

      this.judge();
    }

    this.now = end;

    return this;
  }

  judge(): Judgement {
    const judgement = this.detector.judge(this.now);

    if (judgement !== this.#judgement) {
      this.changes.push({ to: judgement, at: this.now });
      this.#judgement = judgement;
    }

    return judgement;
  }

  /** The page stands still, and is told so when it wakes. */
  stalled(ms: number): this {
    const from = this.now;

    this.now += ms;
    this.detector.stalled(from, this.now);
    this.judge();

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

describe('AdaptiveArrivalDetector', () => {
  it('suspects nobody who pings once an interval', () => {
    const server = new Server().until(10 * MINUTE);

    expect(server.changes).toEqual([]);
    expect(server.detector).toMatchObject({ missed: 0, wantsOpinion: false, deadline: 1150 });
  });

  it('suspects a server within two seconds of its last ping, and gives it up behind the longest outage', () => {
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
    expect(server.judge()).toBe('alive');

    const dead = gone().until(MINUTE + 10_000);

    dead.every = 500;
    dead.until(MINUTE + 10_000);
    expect(dead.judge()).toBe('suspect');
    dead.until(MINUTE + 10_500);
    expect(dead.judge()).toBe('alive');
  });

  it('waits longer for a server whose pings come late as a rule', () => {
    const server = new Server();

    for (let turn = 0; turn < 50; turn++) {
      server.every = 1000 + 50 * (turn % 5);
      server.until(server.now + 1500);
    }

    expect(server.detector.deadline).toBeGreaterThan(1300);
    expect(server.changes).toEqual([]);
  });

  it('is as quick in a hidden page as its timers, and no less just', () => {
    const hidden = new Server().until(MINUTE + 10, 1000);

    hidden.every = undefined;
    hidden.until(2 * MINUTE, 1000);
    expect(hidden.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    expect((hidden.changes[1] as Change).at - MINUTE).toBeLessThan(8000);
  });

  it('is no slower in a hidden page for being told in between that the path is silent', () => {
    const hidden = new Server().until(MINUTE + 10, 1000);

    hidden.every = undefined;

    for (let end = MINUTE + 1010; end < 2 * MINUTE; end += 1000) {
      hidden.until(end, 1000);
      hidden.detector.opinion(false, hidden.now);
      hidden.judge();
    }

    expect(hidden.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    expect((hidden.changes[1] as Change).at - MINUTE).toBeLessThan(8000);
  });

  it('takes one call that comes late for a pause of its own', () => {
    const server = new Server().until(MINUTE + 1100);

    server.every = undefined;
    server.now += 1400;
    expect(server.judge()).toBe('alive');
    server.every = 1000;
    server.until(2 * MINUTE);
    expect(server.changes).toEqual([]);
  });

  it('blames nobody for its own pause, and takes what was silence before it for silence after it', () => {
    const server = gone()
      .until(MINUTE + 4000)
      .stalled(60_000);

    expect(server.judge()).toBe('suspect');
    server.until(server.now + 200);
    expect(server.judge()).toBe('suspect');
    server.until(server.now + 2000);
    expect(server.judge()).toBe('dead');
  });

  it('spares a server whose path is alive until its own bound, and suspects it all the same', () => {
    const server = gone();

    for (let second = 2; second <= 60; second++) {
      server.until(MINUTE + second * 1000);
      server.detector.opinion(true, server.now);
    }

    expect(server.judge()).toBe('suspect');
    expect(server.detector).toMatchObject({ pathAlive: true, wantsOpinion: true });
    server.until(MINUTE + 61_100);
    expect(server.judge()).toBe('dead');
  });

  it('suspects at once whom the connection reports in trouble, and asks for proof', () => {
    const server = new Server().until(10_500);

    server.detector.trouble(server.now);
    expect(server.judge()).toBe('suspect');
    expect(server.detector.wantsOpinion).toBe(true);
    expect(server.until(11_000).judge()).toBe('alive');
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

    const { deadBefore, deadAfter, suspectAfter } = resolveDetectorOptions();
    const from = server.now;

    server.until(from + 2 * deadBefore);

    const dead = server.changes.findLast(({ to }) => to === 'dead') as Change;
    const suspect = server.changes.findLast(({ to }) => to === 'suspect') as Change;

    expect(server.judge()).toBe('dead');
    expect(dead.at - suspect.at).toBeGreaterThanOrEqual(deadAfter - suspectAfter - 200);
    expect(dead.at - from).toBeLessThanOrEqual(deadBefore + 200);
  });

  it('is dead soon behind its bound where pings are as quick as probes', () => {
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
    const { deadBefore } = resolveDetectorOptions();
    const server = gone().until(MINUTE + deadBefore - 200);

    expect(server.detector.wantsOpinion).toBe(true);
    server.until(MINUTE + deadBefore + 200);
    expect(server.detector.wantsOpinion).toBe(false);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is not harmed by a time of %f',
    none => {
      const server = new Server().until(MINUTE + 10);

      server.detector.judge(none);
      server.detector.stalled(none, none);
      server.until(2 * MINUTE + 10);
      expect(server.changes).toEqual([]);

      server.every = undefined;
      server.until(2 * MINUTE + 6000);
      expect(server.changes.map(({ to }) => to)).toEqual(['suspect', 'dead']);
    },
  );

  it('begins anew with start(), and wants nothing any more once it is stopped', () => {
    const server = gone().until(MINUTE + 10_000);

    server.detector.start(server.now);
    expect(server.judge()).toBe('alive');
    expect(server.detector).toMatchObject({ missed: 0, suspicion: 0, judgeAt: server.now + 1150 });

    server.detector.stop();
    server.detector.trouble(server.now);
    expect(server.detector).toMatchObject({
      judgeAt: Number.POSITIVE_INFINITY,
      wantsOpinion: false,
      suspicion: 0,
    });
  });
});
