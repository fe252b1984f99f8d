import { AnsweringHalf } from './AnsweringHalf.ts';
import type { AnsweringDetector, Contender } from './Contender.ts';
import type { Inbox } from './Inbox.ts';
import { Path } from './Path.ts';
import { Random } from './Random.ts';
import { Spans } from './Spans.ts';
import type { Tally } from './Tally.ts';
import { Witness } from './Witness.ts';
import type { World } from './World.ts';

/** How long after its death a peer is watched. The slowest rival needs 45 s and a round of its polling. */
const WATCHED = 100_000;

/** A peer dies at any time within this, in ms: a multiple of all periods at which rivals look, so that none is favoured. */
const SPREAD = 50_000;

/** The server's loop tells the detector of stalls longer than this. */
const REPORTED_STALL = 100;

/** Browsers send STUN checks this often (libwebrtc). */
const STUN_EVERY = 2500;

/** In the inbox: not an answer, but something that only the network stack has heard. */
const STACK = -1;

/** In the inbox: the client says that it hears nothing. */
const WORD = -2;

/** What sessions use one after the other. */
export type Memory = {
  /** What is on its way to the server, and what waits in a frozen page. */
  inbox: Inbox;
  page: Inbox;
  /** When pings left, by sequence number. A power of two. */
  sentAt: Float64Array;
};

/** The life of one peer, and of the server that pings it. */
export class Session {
  readonly #world: World;
  readonly #contender: Contender;
  readonly #witness: Witness;
  readonly #random: Random;
  readonly #path: Path;
  readonly #stalls: Spans;
  readonly #freezes: Spans;
  readonly #deathAt: number;
  /** Whether the detector is told what the network stack has received. Else it hears that this stands still. */
  readonly #asks: boolean;
  /** The side that judges, where it is not the one that pings. */
  readonly #answering: AnsweringHalf | undefined;
  /** The side that answers, where what it says of a lost downlink matters to the side that judges. */
  readonly #speaking: AnsweringDetector | undefined;
  readonly #inbox: Inbox;
  readonly #page: Inbox;
  readonly #sentAt: Float64Array;
  #now = 0;
  #next = 0;
  /** Packets that the server's network stack has received. */
  #received = 0;

  constructor(world: World, contender: Contender, tally: Tally, seed: number, memory: Memory) {
    const random = new Random(seed, 7);

    this.#world = world;
    this.#contender = contender;
    this.#random = random;
    this.#inbox = memory.inbox;
    this.#inbox.clear();
    this.#page = memory.page;
    this.#page.clear();
    this.#sentAt = memory.sentAt;
    this.#asks = contender.asks === true && world.noPathProbes !== true && world.answering === undefined;
    this.#deathAt =
      world.death === 'none'
        ? Number.POSITIVE_INFINITY
        : world.life + random.between(0, world.spread ?? SPREAD);
    this.#path = new Path(world, seed, random, this.#deathAt);
    this.#stalls = new Spans(world.stalls, random, world.life + WATCHED);
    this.#freezes = new Spans(world.freezes, random, world.life - 30_000);
    this.#witness = new Witness(world, tally, this.#deathAt, this.#path.outages, this.#freezes);

    if (world.answering !== undefined && contender.answering !== undefined) {
      this.#answering = new AnsweringHalf(
        contender.answering(world.answering.timers > 0),
        this.#witness,
        world.answering.timers,
      );
    } else if (world.death === 'down' && this.#asks) {
      this.#speaking = contender.answering?.(false);
    }
  }

  run(): void {
    const { detector, traffic } = this.#contender;
    const inbox = this.#inbox;
    const page = this.#page;
    const end = Math.min(this.#deathAt + WATCHED, this.#world.life + 2 * WATCHED);
    const stop = this.#world.death === 'none' ? this.#world.life : end;
    const trafficEvery = traffic ?? (this.#asks ? STUN_EVERY : Number.POSITIVE_INFINITY);
    let trafficAt = this.#random.between(0, trafficEvery);
    let dead = false;

    detector.start(0, this.#random.between(1, 1000));

    for (;;) {
      const timerAt = Math.min(detector.pingAt, detector.judgeAt);
      const answeringAt = this.#answering?.timerAt ?? this.#speaking?.judgeAt ?? Number.POSITIVE_INFINITY;
      const next = Math.min(timerAt, inbox.nextAt, page.nextAt, trafficAt, answeringAt);

      if (!dead && next >= this.#deathAt) {
        dead = true;
        this.#witness.died(this.#goodbyeAt());
      }

      if (next > stop || (dead && this.#witness.state === 'dead')) {
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
      } else if (this.#answering !== undefined) {
        this.#answering.timeout(next);
      } else {
        this.#speak(next);
      }
    }

    this.#witness.ended(dead);
  }

  #timer(due: number): void {
    const { detector } = this.#contender;
    const now = this.#wakeAt(due);

    if (now - due > REPORTED_STALL) {
      detector.stalled(due, now);
    }

    // Timers run before input. Ours waits until what has arrived by now is read, and so does judging.
    if (now >= detector.pingAt) {
      this.#ping(now);
    }

    while (this.#inbox.nextAt <= now) {
      this.#receive(this.#inbox.shift(), now);
    }

    detector.timeout(now);
    this.#judge(now);
  }

  /** When the server does what is due at `due`. */
  #wakeAt(due: number): number {
    this.#now = Math.max(this.#now, this.#stalls.endOf(due) ?? due);

    return this.#now;
  }

  #ping(now: number): void {
    const seq = this.#next++;

    this.#sentAt[seq & (this.#sentAt.length - 1)] = now;
    this.#contender.detector.sent(seq, now);
    this.#witness.pinged(now);

    const at = this.#contender.reliable ? this.#path.carry(now, 'down') : this.#path.transit(now, 'down');

    if (at === Number.POSITIVE_INFINITY) {
      return;
    }

    const thaw = this.#thawAt(at);

    // An acknowledgement that comes while nobody is in doubt tells nothing, and need not be simulated.
    if (this.#asks && this.#contender.detector.missed > 0) {
      this.#heardByStack(this.#path.transit(at, 'up'));
    }

    if (thaw === at && this.#answering === undefined && this.#speaking === undefined) {
      this.#answer(seq, at);
    } else if (thaw < this.#deathAt) {
      this.#page.push(thaw, seq);
    }
  }

  #answer(seq: number, at: number): void {
    this.#answering?.arrived(seq, at);
    this.#speaking?.arrived(seq, at);

    const back = this.#contender.reliable ? this.#path.carry(at, 'up') : this.#path.transit(at, 'up');

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

  #readAt(arrival: number): number {
    const woken = this.#stalls.endOf(arrival);

    return woken === undefined ? arrival : woken + this.#random.between(0, this.#world.stalls?.drain ?? 0);
  }

  #receive(seq: number, now: number): void {
    this.#received++;

    if (seq === WORD) {
      this.#contender.detector.told?.(now);
      this.#judge(now);
    } else if (seq !== STACK) {
      const sentAt = this.#sentAt[seq & (this.#sentAt.length - 1)] as number;

      this.#contender.detector.answered(seq, now - sentAt, now);
      this.#judge(now);
    }
  }

  /** The client's timer fires. It may say that it hears nothing. */
  #speak(now: number): void {
    this.#speaking?.timeout(now);

    if (this.#speaking?.takeWord()) {
      const arrival = this.#path.transit(now, 'up');

      if (arrival !== Number.POSITIVE_INFINITY) {
        this.#inbox.push(this.#readAt(arrival), WORD);
      }
    }
  }

  #traffic(now: number): void {
    const arrival = this.#path.transit(now, 'up');

    this.#heardByStack(arrival);

    if (arrival !== Number.POSITIVE_INFINITY && this.#contender.heard !== undefined) {
      this.#contender.heard(this.#readAt(arrival));
    }
  }

  #heardByStack(arrival: number): void {
    if (arrival !== Number.POSITIVE_INFINITY && this.#asks) {
      this.#inbox.push(arrival, STACK);
    }
  }

  #judge(now: number): void {
    const { detector } = this.#contender;

    if (detector.takePing()) {
      this.#ping(now);
    }

    if (detector.takePathProbe()) {
      detector.path(this.#asks ? this.#received : 0, now);
    }

    const judgement = detector.judge(now);

    if (this.#answering === undefined) {
      this.#witness.judged(judgement, now);
    }
  }

  /** When the first copy of the goodbye arrives that is not lost. `Infinity`: none does. */
  #goodbyeAt(): number {
    for (let copy = 1; copy <= (this.#world.goodbye ?? 0); copy++) {
      const arrival = this.#path.transit(this.#deathAt - 0.001 * copy, 'up');

      if (arrival !== Number.POSITIVE_INFINITY) {
        return arrival;
      }
    }

    return Number.POSITIVE_INFINITY;
  }
}
