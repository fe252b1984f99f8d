import { Link } from './Link.ts';
import type { Random } from './Random.ts';
import { Spans } from './Spans.ts';
import type { World } from './World.ts';

/** Reliable transports repeat lost packets: first after the RTT and this, then doubling (RFC 6298). */
const LEAST_RTO = 200;
const LONGEST_RTO = 60_000;

export type Direction = 'down' | 'up';

/** The path between server and client: two links, what happens to both at once, and its end. */
export class Path {
  readonly #world: World;
  readonly #random: Random;
  readonly #deathAt: number;
  readonly #down: Link;
  readonly #up: Link;
  readonly #walks: Spans;
  readonly #holds: Spans;
  /** Times when nothing passes. */
  readonly outages: Spans;

  constructor(world: World, seed: number, random: Random, deathAt: number) {
    this.#world = world;
    this.#random = random;
    this.#deathAt = deathAt;
    this.#down = new Link(world.down, seed, 1, world.life);
    this.#up = new Link(world.up, seed, 2, world.life);
    this.outages = new Spans(world.outages, random, world.life - 15_000);
    this.#holds = new Spans(world.holds, random, world.life - 15_000);
    this.#walks = new Spans(world.walks, random, world.life - 25_000);

    for (const end of this.#walks.ends) {
      this.outages.add(end, end + random.between(world.walks?.gap.from ?? 0, world.walks?.gap.to ?? 0));
    }
  }

  /** When a packet that leaves at `time` arrives. `Infinity`: never. */
  transit(time: number, direction: Direction): number {
    const { death, walks } = this.#world;

    if (time >= this.#deathAt && (death === 'cut' || death === direction)) {
      return Number.POSITIVE_INFINITY;
    }

    if (walks !== undefined) {
      const progress = this.#walks.progress(time);

      if (progress >= 0 && this.#random.next() < walks.peak * progress * progress) {
        return Number.POSITIVE_INFINITY;
      }
    }

    if (this.outages.endOf(time) !== undefined) {
      return Number.POSITIVE_INFINITY;
    }

    const held = this.#holds.endOf(time) ?? time;

    return (direction === 'down' ? this.#down : this.#up).transit(time, held);
  }

  /** The same for a reliable, ordered transport: lost packets are sent again, at growing intervals. */
  carry(time: number, direction: Direction): number {
    for (let at = time, rto = LEAST_RTO + 2 * this.#world.down.delay; ; at += rto, rto *= 2) {
      const arrival = this.transit(at, direction);

      if (arrival !== Number.POSITIVE_INFINITY || rto > LONGEST_RTO || at > this.#deathAt) {
        return arrival;
      }
    }
  }
}
