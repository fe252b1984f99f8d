import type { Judgement } from './Contender.ts';
import type { Spans } from './Spans.ts';
import type { Tally } from './Tally.ts';
import type { World } from './World.ts';

/** A suspicion this long after the end of an outage still counts as caused by it. */
const AFTERMATH = 2000;

/** For this long after a thaw, in ms, the answers that prove it may still be in flight. */
const ANSWERING = 100;

/** Compares a detector's states of one client with the truth. */
export class Witness {
  readonly #world: World;
  readonly #tally: Tally;
  readonly #deathAt: number;
  readonly #outages: Spans;
  readonly #freezes: Spans;
  #state: Judgement = 'alive';
  #suspectedAt = Number.NaN;
  #recoverFrom = Number.NaN;
  #outageIndex = 0;

  constructor(world: World, tally: Tally, deathAt: number, outages: Spans, freezes: Spans) {
    this.#world = world;
    this.#tally = tally;
    this.#deathAt = deathAt;
    this.#outages = outages;
    this.#freezes = freezes;
  }

  get state(): Judgement {
    return this.#state;
  }

  /** A ping left. */
  pinged(now: number): void {
    if (now >= this.#world.learn && now < this.#deathAt) {
      this.#tally.pings++;
    }
  }

  /** The detector judged. As in a heartbeat, a dead client stays dead until it is alive. */
  judged(judgement: Judgement, now: number): void {
    const previous = this.#state;
    const state = previous === 'dead' && judgement === 'suspect' ? 'dead' : judgement;

    this.#watchOutages(now);

    if (state === previous) {
      return;
    }

    this.#state = state;

    if (state === 'alive') {
      this.#recovered(now);
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

  /** The client died. Its goodbye came at `goodbyeAt`, if one came. */
  died(goodbyeAt: number): void {
    if (this.#state === 'dead') {
      this.#tally.deadBefore++;
    } else if (goodbyeAt !== Number.POSITIVE_INFINITY) {
      this.#state = 'dead';
      this.#tally.dead.add(goodbyeAt - this.#deathAt);
    }
  }

  /** The observation ends. */
  ended(dead: boolean): void {
    this.#tally.peers++;
    this.#tally.hours +=
      ((this.#world.death === 'none' ? this.#world.life : this.#deathAt) - this.#world.learn) / 3_600_000;

    if (dead && !Number.isNaN(this.#suspectedAt)) {
      this.#tally.suspect.add(Math.max(0, this.#suspectedAt - this.#deathAt));
    }

    if (dead && this.#state !== 'dead') {
      this.#tally.undetected++;
    }
  }

  #recovered(now: number): void {
    this.#suspectedAt = Number.NaN;

    if (!Number.isNaN(this.#recoverFrom) && now >= this.#recoverFrom && now >= this.#world.learn) {
      this.#tally.recovery.add(now - this.#recoverFrom);
    }

    this.#recoverFrom = Number.NaN;
  }

  #countFalse(previous: Judgement, state: Judgement, now: number): void {
    const excused = this.#isExcused(now);

    this.#tally.afterThaw += this.#isThawed(now) ? 1 : 0;

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

  /** Whether the path, or the page, is or just was down: a suspicion is right then. */
  #isExcused(now: number): boolean {
    const { frozenBeforeDeath } = this.#world;

    return (
      this.#outages.touches(now - AFTERMATH, now) ||
      this.#freezes.touches(now - AFTERMATH, now) ||
      (frozenBeforeDeath !== undefined && now >= this.#deathAt - frozenBeforeDeath)
    );
  }

  /** Whether the page was frozen until just now, runs, and has had the time to answer. */
  #isThawed(now: number): boolean {
    return this.#freezes.touches(now - AFTERMATH, now) && !this.#freezes.touches(now - ANSWERING, now);
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
}
