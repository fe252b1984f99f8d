import { describe, expect, it } from 'vitest';
import { AdaptiveDetector } from '../../../packages/protocol/src/detector/AdaptiveDetector.ts';
import type { Judgement } from '../../../packages/protocol/src/detector/Detector.ts';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';

type Change = { to: Judgement; at: number };
type Answer = { at: number; seq: number; sentAt: number };

/** A detector and its peer, which answers after `rtt` ms or not at all. The clock begins at 0. */
class Peer {
  readonly detector: AdaptiveDetector;
  readonly changes: Change[] = [];
  readonly pings: number[] = [];
  rtt: number | undefined = 20;
  now = 0;
  #judgement: Judgement = 'alive';
  #answers: Answer[] = [];

  constructor(input: DetectorInput = {}) {
    this.detector = new AdaptiveDetector(resolveDetectorOptions(input));
    this.detector.start(0);
  }

  /** Lets time pass until `end`, every call on time. */
  until(end: number): this {
    for (;;) {
      const answerAt = this.#answers[0]?.at ?? Number.POSITIVE_INFINITY;
      const next = Math.min(this.detector.pingAt, this.detector.judgeAt, answerAt);

      if (next > end) {
        break;
      }

      this.now = Math.max(this.now, next);

      if (answerAt <= this.now) {
        this.answered(this.#answers.shift() as Answer);
      } else {
        this.judge();
        this.#ping();
      }
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

  answered({ seq, sentAt }: Omit<Answer, 'at'>): void {
    this.detector.answered(seq, this.now - sentAt, this.now);
    this.judge();
  }

  /** The process stands still, and is told so when it wakes. */
  stalled(ms: number): this {
    const from = this.now;

    this.now += ms;
    this.detector.stalled(from, this.now);
    this.judge();

    return this;
  }

  #ping(): void {
    if (this.now >= this.detector.pingAt) {
      const seq = this.pings.length;

      this.pings.push(this.now);
      this.detector.sent(seq, this.now);

      if (this.rtt !== undefined) {
        this.#answers.push({ at: this.now + this.rtt, seq, sentAt: this.now });
        this.#answers.sort((a, b) => a.at - b.at);
      }
    }
  }
}

const MINUTE = 60_000;

/** A peer that was alive for a minute and is gone right behind an answered ping. */
function cut(input: DetectorInput = {}): Peer {
  const peer = new Peer(input).until(MINUTE + 500);

  peer.rtt = undefined;

  return peer;
}

describe('AdaptiveDetector', () => {
  it('pings a healthy peer once an interval, and is sure of nothing', () => {
    const peer = new Peer().until(MINUTE);

    expect(peer.pings).toEqual(Array.from({ length: 61 }, (_, second) => second * 1000));
    expect(peer.changes).toEqual([]);
    expect(peer.detector).toMatchObject({ missed: 0, wantsOpinion: false });
    expect(peer.detector.suspicion).toBeLessThan(0.2);
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

  it('suspects a clean link in a second and a half, and gives it up behind the longest outage', () => {
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
      expect(peer.detector.suspicion).toBeGreaterThanOrEqual(suspicion);
      suspicion = peer.detector.suspicion;
    }

    expect(suspicion).toBeGreaterThan(0.9);
    expect(suspicion).toBeLessThan(1);
    expect(peer.until(MINUTE + 6000).detector.suspicion).toBe(1);
  });

  it('survives an outage of 4 s that begins right behind an answer', () => {
    const peer = cut().until(MINUTE + 4020 + 980);

    peer.rtt = 20;
    peer.until(2 * MINUTE);

    expect(peer.changes.map(({ to }) => to)).toEqual(['suspect', 'alive']);
  });

  it('takes two answers to bring back who was suspect, and a miss between them takes the first back', () => {
    const peer = cut().until(MINUTE + 3000);

    const seq = peer.pings.length - 1;
    const sentAt = peer.pings[seq] as number;

    peer.answered({ seq, sentAt });
    expect(peer.judge()).toBe('suspect');
    expect(peer.detector.missed).toBe(0);
    // The pings after it are missed, then one is answered: the first of two again.
    peer.until(peer.now + 1000);
    peer.answered({ seq: peer.pings.length - 1, sentAt: peer.pings.at(-1) as number });
    expect(peer.judge()).toBe('suspect');

    peer.rtt = 20;
    peer.until(peer.now + 300);
    expect(peer.judge()).toBe('alive');
  });

  it('brings back who was dead, within a third of a second', () => {
    const peer = cut().until(MINUTE + 20_000);

    peer.rtt = 20;
    peer.until(MINUTE + 20_350);

    expect(peer.changes.at(-1)?.to).toBe('alive');
  });

  it('falls back to regular pings where a peer is dead for good', () => {
    const { deadBefore } = resolveDetectorOptions();
    const peer = cut().until(MINUTE + deadBefore + 2000);
    const before = peer.pings.length;

    peer.until(peer.now + 10_000);
    expect(peer.pings.length - before).toBe(10);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is not harmed by a time or a round trip of %f',
    none => {
      const peer = new Peer().until(MINUTE);

      peer.detector.judge(none);
      peer.detector.stalled(none, none);
      peer.detector.answered(59, none, peer.now);
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

  it('asks the transport from the second miss on, and not before', () => {
    const peer = cut().until(MINUTE + 1150);

    expect(peer.detector).toMatchObject({ missed: 1, wantsOpinion: false });
    peer.until(MINUTE + 1250);
    expect(peer.detector).toMatchObject({ missed: 2, wantsOpinion: true });
  });

  it('spares a peer whose path is alive until its own bound, and suspects it all the same', () => {
    const peer = cut({ unresponsiveAfter: 30_000 });

    for (let second = 2; second <= 29; second++) {
      peer.until(MINUTE + second * 1000);
      peer.detector.opinion(true, peer.now);
    }

    expect(peer.judge()).toBe('suspect');
    expect(peer.detector.pathAlive).toBe(true);
    peer.until(MINUTE + 31_000);
    expect(peer.judge()).toBe('dead');
  });

  it('counts from when the path died, where it was alive before', () => {
    const peer = cut().until(MINUTE + 4000);

    peer.detector.opinion(true, peer.now);
    peer.until(MINUTE + 5000);
    peer.detector.opinion(false, peer.now);
    peer.until(MINUTE + 4000 + 5200);
    expect(peer.judge()).toBe('suspect');
    peer.until(MINUTE + 4000 + 5700);
    expect(peer.judge()).toBe('dead');
  });

  it('hears no opinion that it did not ask for', () => {
    const peer = new Peer().until(10_500);

    peer.detector.opinion(true, peer.now);
    expect(peer.detector.pathAlive).toBe(false);
  });

  it('suspects at once whom the transport reports in trouble, and lets two answers clear it', () => {
    const peer = new Peer().until(10_500);

    peer.detector.trouble(peer.now);
    expect(peer.judge()).toBe('suspect');
    expect(peer.detector.pingAt).toBe(peer.now);
    expect(peer.until(10_900).judge()).toBe('alive');
  });

  it('blames nobody for its own pause, and asks anew after it', () => {
    const peer = cut()
      .until(MINUTE + 4000)
      .stalled(5000);

    expect(peer.judge()).toBe('suspect');
    peer.until(peer.now + 199);
    expect(peer.judge()).toBe('suspect');
    // What was silence before the pause is silence after it.
    peer.until(peer.now + 2500);
    expect(peer.judge()).toBe('dead');
  });

  it('takes a call that comes seconds late for a pause of its own', () => {
    const peer = new Peer().until(11_010);

    // With a ping on its way, whose answer is read long after the call.
    peer.now += 30_000;
    expect(peer.judge()).toBe('alive');
    peer.until(peer.now + 5000);
    expect(peer.changes).toEqual([]);
  });

  it('learns no round trip from what waited in a frozen page or behind its own pause', () => {
    const peer = new Peer().until(30_000);
    const before = peer.detector.deadline;

    peer.until(30_010).stalled(3000).until(40_000);
    expect(peer.detector.deadline).toBeCloseTo(before, 5);
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

    const { deadBefore, deadAfter, suspectAfter } = resolveDetectorOptions();
    const from = peer.now;

    peer.until(from + 2 * deadBefore);

    const dead = peer.changes.findLast(({ to }) => to === 'dead') as Change;
    const suspect = peer.changes.findLast(({ to }) => to === 'suspect') as Change;

    expect(peer.judge()).toBe('dead');
    expect(dead.at - suspect.at).toBeGreaterThanOrEqual(deadAfter - suspectAfter - 200);
    expect(dead.at - from).toBeLessThanOrEqual(deadBefore + 200);
  });

  it('holds nothing against a late answer: what follows it is a silence of its own', () => {
    const peer = new Peer().until(MINUTE + 500);

    // One answer that took four seconds, and nothing after it.
    peer.rtt = 4000;
    peer.until(MINUTE + 1050);
    peer.rtt = undefined;
    peer.until(MINUTE + 5000);
    expect(peer.detector.missed).toBe(0);
    peer.until(MINUTE + 5000 + 5200);
    expect(peer.judge()).toBe('suspect');
    peer.until(MINUTE + 5000 + 5500);
    expect(peer.judge()).toBe('dead');
  });

  it('begins anew with start(), and keeps what it learned of the link', () => {
    const peer = cut().until(MINUTE + 3000);
    const { deadline } = peer.detector;

    peer.detector.start(peer.now);
    expect(peer.judge()).toBe('alive');
    expect(peer.detector).toMatchObject({ missed: 0, suspicion: 0, deadline, pingAt: peer.now });
  });

  it('wants nothing any more once it is stopped', () => {
    const peer = cut().until(MINUTE + 3000);

    peer.detector.stop();
    expect(peer.detector).toMatchObject({
      pingAt: Number.POSITIVE_INFINITY,
      judgeAt: Number.POSITIVE_INFINITY,
      wantsOpinion: false,
      suspicion: 0,
    });
    peer.detector.trouble(peer.now);
    peer.detector.opinion(true, peer.now);
    peer.detector.answered(60, 3000, peer.now);
    expect(peer.detector.pingAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('bears more pings on their way than it has room for', () => {
    const detector = new AdaptiveDetector(resolveDetectorOptions());

    detector.start(0);

    for (let seq = 0; seq < 500; seq++) {
      detector.sent(seq, 0.01 * seq);
    }

    detector.answered(499, 20, 24.99);
    expect(detector).toMatchObject({ missed: 0 });
    expect(detector.judge(25)).toBe('alive');
  });
});
