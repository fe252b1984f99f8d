import type { Judgement } from '../../packages/protocol/src/detector/Detector.ts';
import type { Contender } from './Contender.ts';
import type { Inbox } from './Inbox.ts';
import { Link } from './Link.ts';
import { Random } from './Random.ts';
import { Spans } from './Spans.ts';
import type { Tally } from './Tally.ts';
import type { World } from './World.ts';

/** How long after its death a peer is watched. The slowest rival needs 45 s and a round of its polling. */
const WATCHED = 100_000;

/** A suspicion this long after the end of an outage is still put down to it. */
const AFTERMATH = 2000;

/** The owner tells the detector of pauses longer than this. */
const REPORTED_PAUSE = 100;

/** The owner asks the transport for its opinion this often; browsers send STUN checks this often (libwebrtc). */
const OPINION_EVERY = 500;
const STUN_EVERY = 2500;

/** Reliable transports repeat what was lost: first after the round trip and this, then doubling (RFC 6298). */
const LEAST_RTO = 200;
const LONGEST_RTO = 60_000;

/** In the inbox: not an answer, but something that only the network stack has heard. */
const STACK = -1;

/** What sessions use one after the other. */
export type Memory = {
  /** What is on its way to the server, and what waits in a frozen page. */
  inbox: Inbox;
  page: Inbox;
  /** When pings left, by sequence number. A power of two. */
  sentAt: Float64Array;
};

/** The life of one peer, and what one contender makes of it. */
export class Session {
  readonly #world: World;
  readonly #contender: Contender;
  readonly #tally: Tally;
  readonly #random: Random;
  readonly #down: Link;
  readonly #up: Link;
  readonly #outages: Spans;
  readonly #walks: Spans;
  readonly #stalls: Spans;
  readonly #freezes: Spans;
  readonly #deathAt: number;
  readonly #inbox: Inbox;
  readonly #page: Inbox;
  readonly #sentAt: Float64Array;
  #state: Judgement = 'alive';
  #suspectedAt = Number.NaN;
  #recoverFrom = Number.NaN;
  #outageIndex = 0;
  #now = 0;
  #next = 0;
  #pathHeardAt = 0;
  #askedAt = 0;

  constructor(world: World, contender: Contender, tally: Tally, seed: number, memory: Memory) {
    const random = new Random(seed, 7);

    this.#world = world;
    this.#contender = contender;
    this.#tally = tally;
    this.#random = random;
    this.#inbox = memory.inbox;
    this.#inbox.clear();
    this.#page = memory.page;
    this.#page.clear();
    this.#sentAt = memory.sentAt;
    this.#deathAt = world.death === 'none' ? Number.POSITIVE_INFINITY : world.life + random.between(0, 5000);
    this.#outages = new Spans(world.outages, random, world.life - 15_000);
    this.#walks = new Spans(world.walks, random, world.life - 25_000);

    for (const end of this.#walks.ends) {
      this.#outages.add(end, end + random.between(world.walks?.gap.from ?? 0, world.walks?.gap.to ?? 0));
    }

    this.#stalls = new Spans(world.stalls, random, world.life + WATCHED);
    this.#freezes = new Spans(world.freezes, random, world.life - 30_000);
    this.#down = new Link(world.down, seed, 1, world.life);
    this.#up = new Link(world.up, seed, 2, world.life);
  }

  run(): void {
    const { detector, traffic } = this.#contender;
    const inbox = this.#inbox;
    const page = this.#page;
    const opinion = this.#world.opinion === true;
    const end = Math.min(this.#deathAt + WATCHED, this.#world.life + 2 * WATCHED);
    const stop = this.#world.death === 'none' ? this.#world.life : end;
    const trafficEvery = traffic ?? (opinion ? STUN_EVERY : Number.POSITIVE_INFINITY);
    let trafficAt = this.#random.between(0, trafficEvery);
    let askAt = Number.POSITIVE_INFINITY;
    let dead = false;

    detector.start(0, this.#random.between(1, 1000));

    for (;;) {
      const pingAt = detector.pingAt;
      const judgeAt = detector.judgeAt;
      const timerAt = Math.min(pingAt, judgeAt);
      const next = Math.min(timerAt, inbox.nextAt, page.nextAt, trafficAt, askAt);

      if (!dead && next >= this.#deathAt) {
        dead = true;
        this.#dies();
      }

      if (next > stop || (dead && this.#state === 'dead')) {
        break;
      }

      if (timerAt === next) {
        this.#timer(next);
      } else if (inbox.nextAt === next) {
        this.#receive(inbox.shift(), this.#wakeAt(next));
      } else if (page.nextAt === next) {
        this.#answer(page.shift(), next);
      } else if (trafficAt === next) {
        this.#traffic(next);
        trafficAt += trafficEvery;
      } else {
        this.#ask(this.#wakeAt(next));
        askAt = Number.POSITIVE_INFINITY;
      }

      if (opinion && askAt === Number.POSITIVE_INFINITY && detector.wantsOpinion) {
        this.#askedAt = next;
        askAt = next + OPINION_EVERY;
      }
    }

    this.#ends(dead);
  }

  #timer(due: number): void {
    const { detector } = this.#contender;
    const now = this.#wakeAt(due);

    if (now - due > REPORTED_PAUSE) {
      detector.stalled(due, now);
    }

    // Timers run before input. Judging waits until what has arrived by now is read.
    if (now >= detector.pingAt) {
      this.#ping(now);
    }

    while (this.#inbox.nextAt <= now) {
      this.#receive(this.#inbox.shift(), now);
    }

    this.#judge(now);
  }

  /** When the server does what is due at `due`. */
  #wakeAt(due: number): number {
    this.#now = Math.max(this.#now, this.#stalls.endOf(due) ?? due);

    return this.#now;
  }

  #ping(now: number): void {
    const seq = this.#next++;
    const { reliable } = this.#contender;

    this.#sentAt[seq & (this.#sentAt.length - 1)] = now;
    this.#contender.detector.sent(seq, now);

    if (now >= this.#world.learn && now < this.#deathAt) {
      this.#tally.pings++;
    }

    const at = reliable ? this.#carry(now, true) : this.#transit(this.#down, now, 'down');

    if (at === Number.POSITIVE_INFINITY) {
      return;
    }

    const thaw = this.#thawAt(at);

    if (this.#world.opinion === true) {
      this.#heardByStack(this.#transit(this.#up, at, 'up'));
    }

    if (thaw === at) {
      this.#answer(seq, at);
    } else if (thaw < this.#deathAt) {
      this.#page.push(thaw, seq);
    }
  }

  #answer(seq: number, at: number): void {
    const back = this.#contender.reliable ? this.#carry(at, false) : this.#transit(this.#up, at, 'up');

    if (back !== Number.POSITIVE_INFINITY) {
      this.#inbox.push(this.#readAt(back), seq);
    }
  }

  /** When the page answers what arrived at `at`. */
  #thawAt(at: number): number {
    const { frozenBeforeDeath } = this.#world;

    if (frozenBeforeDeath !== undefined && at >= this.#deathAt - frozenBeforeDeath) {
      return Number.POSITIVE_INFINITY;
    }

    return this.#freezes.endOf(at) ?? at;
  }

  /** A reliable, ordered transport: what is lost is sent again, later and later. */
  #carry(time: number, down: boolean): number {
    const link = down ? this.#down : this.#up;

    for (let at = time, rto = LEAST_RTO + 2 * this.#world.down.delay; ; at += rto, rto *= 2) {
      const arrival = this.#transit(link, at, down ? 'down' : 'up');

      if (arrival !== Number.POSITIVE_INFINITY || rto > LONGEST_RTO || at > this.#deathAt) {
        return arrival;
      }
    }
  }

  #transit(link: Link, time: number, direction: 'down' | 'up'): number {
    const { death } = this.#world;

    if (time >= this.#deathAt && (death === 'cut' || death === direction)) {
      return Number.POSITIVE_INFINITY;
    }

    if (this.#world.walks !== undefined) {
      const progress = this.#walks.progress(time);

      if (progress >= 0 && this.#random.next() < this.#world.walks.peak * progress * progress) {
        return Number.POSITIVE_INFINITY;
      }
    }

    return this.#outages.endOf(time) === undefined ? link.transit(time) : Number.POSITIVE_INFINITY;
  }

  #readAt(arrival: number): number {
    const woken = this.#stalls.endOf(arrival);

    return woken === undefined ? arrival : woken + this.#random.between(0, this.#world.stalls?.drain ?? 0);
  }

  #receive(seq: number, now: number): void {
    this.#pathHeardAt = now;

    if (seq !== STACK) {
      const sentAt = this.#sentAt[seq & (this.#sentAt.length - 1)] as number;

      this.#contender.detector.answered(seq, sentAt, now - sentAt, now);
      this.#judge(now);
    }
  }

  #traffic(now: number): void {
    const arrival = this.#transit(this.#up, now, 'up');

    this.#heardByStack(arrival);

    if (arrival !== Number.POSITIVE_INFINITY && this.#contender.heard !== undefined) {
      this.#contender.heard(this.#readAt(arrival));
    }
  }

  #heardByStack(arrival: number): void {
    if (arrival !== Number.POSITIVE_INFINITY && this.#world.opinion === true) {
      this.#inbox.push(arrival, STACK);
    }
  }

  #ask(now: number): void {
    this.#contender.detector.opinion(this.#pathHeardAt > this.#askedAt, now);
    this.#judge(now);
  }

  #judge(now: number): void {
    const previous = this.#state;
    const state = this.#contender.detector.judge(now);

    this.#watchOutages(now);

    if (state === previous) {
      return;
    }

    this.#state = state;

    if (state === 'alive') {
      this.#suspectedAt = Number.NaN;

      if (!Number.isNaN(this.#recoverFrom) && now >= this.#recoverFrom && now >= this.#world.learn) {
        this.#tally.recovery.add(now - this.#recoverFrom);
      }

      this.#recoverFrom = Number.NaN;
      return;
    }

    if (previous === 'alive') {
      this.#suspectedAt = now;
    }

    if (now >= this.#deathAt) {
      if (state === 'dead') {
        this.#tally.dead.add(now - this.#deathAt);
      }
    } else if (now >= this.#world.learn) {
      this.#countFalse(previous, state, now);
    }
  }

  #countFalse(previous: Judgement, state: Judgement, now: number): void {
    const excused = this.#isExcused(now);

    if (state === 'dead') {
      this.#tally.falseDeads++;
      this.#tally.falseDeadsInOutage += excused ? 1 : 0;
    }

    if (previous === 'alive') {
      if (excused) {
        this.#tally.suspectsInOutage++;
      } else {
        this.#tally.falseSuspects++;
      }
    }
  }

  /** Whether the path, or the page, is or just was down: who is suspected then is suspected rightly. */
  #isExcused(now: number): boolean {
    for (const spans of [this.#outages, this.#freezes]) {
      if (spans.touches(now - AFTERMATH, now)) {
        return true;
      }
    }

    const { frozenBeforeDeath } = this.#world;

    return frozenBeforeDeath !== undefined && now >= this.#deathAt - frozenBeforeDeath;
  }

  /** Notes when an outage has ended that left the peer suspect or dead. */
  #watchOutages(now: number): void {
    const { starts, ends } = this.#outages;

    while (this.#outageIndex < ends.length && now >= (ends[this.#outageIndex] as number)) {
      const end = ends[this.#outageIndex] as number;

      if (this.#state !== 'alive' && this.#suspectedAt >= (starts[this.#outageIndex] as number)) {
        this.#recoverFrom = end;
      }

      this.#tally.outages += end >= this.#world.learn ? 1 : 0;
      this.#outageIndex++;
    }
  }

  #dies(): void {
    if (this.#state === 'dead') {
      this.#tally.deadBefore++;
    } else if (this.#world.goodbye !== undefined) {
      for (let copy = 0; copy < this.#world.goodbye; copy++) {
        const arrival = this.#up.transit(this.#deathAt - 0.001 * (copy + 1));

        if (arrival !== Number.POSITIVE_INFINITY) {
          this.#state = 'dead';
          this.#tally.dead.add(arrival - this.#deathAt);
          break;
        }
      }
    }
  }

  #ends(dead: boolean): void {
    this.#tally.peers++;
    this.#tally.hours += (Math.min(this.#deathAt, this.#world.life) - this.#world.learn) / 3_600_000;

    if (dead && !Number.isNaN(this.#suspectedAt)) {
      this.#tally.suspect.add(Math.max(0, this.#suspectedAt - this.#deathAt));
    }

    if (dead && this.#state !== 'dead') {
      this.#tally.undetected++;
    }
  }
}
