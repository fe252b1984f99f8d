import type { Stats } from '@mediasoup-heartbeat/protocol';
import type { BatchObservableResult } from '@opentelemetry/api';
import type { Instruments } from './instruments.ts';

/** A peer, as far as it is read. */
type Peer = { readonly stats: Stats };

const OUTCOMES = ['answered', 'late', 'lost'] as const;

const DIRECTIONS = ['downlink', 'uplink', 'round'] as const;

type Outcomes = Record<(typeof OUTCOMES)[number], number>;

/** The peers on one type of transport, and the figures that are read when metrics are collected. */
export class Peers {
  readonly #transport: string;
  /** The open ones, with the pings that have been counted. */
  readonly #open = new Map<Peer, Outcomes>();
  /** The pings of all, those of closed ones included. */
  readonly #pings: Outcomes = { answered: 0, late: 0, lost: 0 };

  constructor(transport: string) {
    this.#transport = transport;
  }

  /** Counts its pings from now on. */
  add(peer: Peer): void {
    this.#open.set(peer, outcomesOf(peer.stats));
  }

  /** Counts its last pings. */
  delete(peer: Peer): void {
    this.#count(peer, peer.stats);
    this.#open.delete(peer);
  }

  /** Reads the figures of all of them once, and passes them on. */
  observe(result: BatchObservableResult, { pings, loss }: Instruments): void {
    const losses = { downlink: [] as number[], uplink: [] as number[], round: [] as number[] };

    for (const peer of this.#open.keys()) {
      const { stats } = peer;

      this.#count(peer, stats);

      for (const direction of DIRECTIONS) {
        const fraction = stats.loss[direction];

        if (fraction !== undefined) {
          losses[direction].push(fraction);
        }
      }
    }

    for (const outcome of OUTCOMES) {
      result.observe(pings, this.#pings[outcome], { transport: this.#transport, outcome });
    }

    for (const direction of DIRECTIONS) {
      for (const [statistic, value] of statisticsOf(losses[direction])) {
        result.observe(loss, value, { transport: this.#transport, direction, statistic });
      }
    }
  }

  #count(peer: Peer, stats: Stats): void {
    const counted = this.#open.get(peer);
    const outcomes = outcomesOf(stats);

    if (counted !== undefined) {
      for (const outcome of OUTCOMES) {
        this.#pings[outcome] += outcomes[outcome] - counted[outcome];
      }

      this.#open.set(peer, outcomes);
    }
  }
}

/** None of them ever decreases: what was lost stays lost, also if it is answered later. */
function outcomesOf({ received, late, lost }: Stats): Outcomes {
  return { answered: received - late, late, lost: lost + late };
}

/** All 0 without peers: an SDK would go on exporting the figures of those that are gone. */
function statisticsOf(fractions: number[]): [statistic: string, value: number][] {
  const sorted = fractions.toSorted((one, other) => one - other);
  const total = sorted.reduce((sum, fraction) => sum + fraction, 0);
  const atShare = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;

  return [
    ['mean', total / Math.max(1, sorted.length)],
    ['p95', atShare(0.95)],
    ['max', atShare(1)],
  ];
}
