import { IntervalSampler } from '../figures/IntervalSampler.ts';
import { isOutage, Outages } from '../figures/Outages.ts';
import { SlidingSums } from '../figures/SlidingSums.ts';
import type { LossStats, Outage, OutageStats } from '../Stats.ts';
import { probeStep } from './PingSchedule.ts';
import type { StallAdjustedClock } from './StallAdjustedClock.ts';

/** How many of the latest pings are remembered. */
const WINDOW = 128;

/** How far back the `seen` bits of a pong reach. */
const SEEN_BITS = 32;

/** What is counted, of one ping an interval: what became of it, and of its pong. The columns of the sums. */
const ARRIVED = 0;
const MISSING = 1;
const PONGED = 2;
const PONGS_LOST = 3;
const COLUMNS = 4;

/** What an arriving ping turned out to be. */
export type Arrival = 'next' | 'reordered' | 'duplicate';

/** What a ping says of the pongs before it: see the frame. */
export type Acknowledgement = { pongs: number; ack: number };

/** What was known when the latest acknowledged ping was. */
type Acknowledged = {
  seq: number;
  /** Pongs sent up to that ping's, and pongs received by the server then. */
  sent: number;
  received: number;
  /** How many pings had been picked that arrived up to that one. */
  picked: number;
  /** When the next ping arrived, whose pong is not acknowledged yet. */
  nextAt: number;
};

/**
 * What a client knows of the pings that came and of the pongs that it sent: which arrived, when each was
 * answered, and how many answers the server says it got. A ring of the last {@link WINDOW} pings.
 *
 * The client does not know when the pings left that did not arrive. It takes them to have left as the server sends them:
 * one at its regular time, at most an interval after the one before, and then quick ones.
 */
export class Arrivals {
  readonly #interval: number;
  /** The full sequence number that each slot holds; -1: none. */
  readonly #seqs = new Float64Array(WINDOW).fill(-1);
  readonly #answeredAt = new Float64Array(WINDOW);
  /** Whether the pong to the ping in a slot may yet be acknowledged, and tell the RTT. */
  readonly #tellsRtt = new Uint8Array(WINDOW);
  /** Pongs sent before the ping in a slot came. */
  readonly #pongsSent = new Float64Array(WINDOW);
  /** Whether the ping of a slot is the one of its interval, whether it arrived or not. */
  readonly #picked = new Uint8Array(WINDOW);
  /** How many pings had been picked that arrived up to the one in a slot. */
  readonly #pickedUpTo = new Float64Array(WINDOW);
  readonly #clock: StallAdjustedClock;
  readonly #sampler: IntervalSampler;
  readonly #sums = new SlidingSums(COLUMNS);
  readonly #outages: Outages;
  #first = -1;
  #highest = -1;
  #highestAt = 0;
  #received = 0;
  #late = 0;
  #sent = 0;
  #confirmed = 0;
  #pickedInAll = 0;
  #acknowledged: Acknowledged | undefined;
  /** How many of the pongs that were lost last were to picked pings. */
  #lostShare = 0;

  /**
   * @param interval - The time between two pings of a healthy pair, in ms: one ping of each counts as arrived or lost.
   * @param outageOver - Told of each outage that is over.
   */
  constructor(interval: number, clock: StallAdjustedClock, outageOver: (outage: Outage) => void = () => {}) {
    this.#interval = interval;
    this.#clock = clock;
    this.#outages = new Outages(outageOver);
    this.#sampler = new IntervalSampler(interval);
  }

  /** The highest sequence number that arrived, counted without wrapping. -1: none yet. */
  get highest(): number {
    return this.#highest;
  }

  /** Pings that arrived. */
  get received(): number {
    return this.#received;
  }

  /** Pings that arrived after a later one. */
  get late(): number {
    return this.#late;
  }

  /** Pongs sent. */
  get answers(): number {
    return this.#sent;
  }

  /** Pings that did not arrive though a later one did. */
  get lost(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#first + 1 - this.#received;
  }

  /** The outages that are over. */
  get outages(): OutageStats {
    return this.#outages.stats();
  }

  /** Enters an arriving ping. */
  arrived(seq: number, { pongs, ack }: Acknowledgement, now: number): Arrival {
    const slot = seq % WINDOW;

    if (this.#seqs[slot] === seq || seq <= this.#highest - WINDOW) {
      return 'duplicate';
    }

    this.#received++;
    this.#seqs[slot] = seq;
    this.#tellsRtt[slot] = 0;
    this.#pongsSent[slot] = this.#sent;

    if (seq < this.#highest) {
      this.#enterLate(seq, now);

      return 'reordered';
    }

    if (this.#first < 0) {
      this.#first = seq;
      this.#confirmed = pongs;
      this.#sent = pongs;
      this.#pongsSent[slot] = pongs;
    } else {
      this.#enterMissing(seq - this.#highest - 1, now);
    }

    this.#enter(seq, now);
    this.#confirmed += (pongs - (this.#confirmed % 128) + 128) % 128;
    this.#highest = seq;
    this.#highestAt = now;

    if (ack > 0) {
      this.#acknowledge(seq - ack, now);
    }

    return 'next';
  }

  /** Enters the pong to a ping. */
  answered(seq: number, now: number): void {
    this.#answeredAt[seq % WINDOW] = now;
    this.#tellsRtt[seq % WINDOW] = 1;
    this.#sent++;
  }

  /** When the ping was answered, asked once: a second time it is `undefined`, as for what is unknown. */
  takeAnsweredAt(seq: number): number | undefined {
    const slot = seq % WINDOW;

    if (seq < 0 || this.#seqs[slot] !== seq || this.#tellsRtt[slot] === 0) {
      return undefined;
    }

    this.#tellsRtt[slot] = 0;

    return this.#answeredAt[slot];
  }

  /** A local stall: the time from what was answered before tells no round trip. */
  forgetAnswers(): void {
    this.#tellsRtt.fill(0);
  }

  /** The `seen` bits of the pong to `seq`: which of the 32 pings before it arrived. */
  seenBefore(seq: number): number {
    const seqs = this.#seqs;
    let seen = 0;

    for (let earlier = Math.max(0, seq - SEEN_BITS); earlier < seq; earlier++) {
      seen = (seen << 1) | (seqs[earlier % WINDOW] === earlier ? 1 : 0);
    }

    return seen >>> 0;
  }

  /** What was counted by now does not count any more: it was on another path. */
  forgetLoss(): void {
    this.#sums.clear();
  }

  /** Loss over the last two minutes: downlink by the gaps between arrivals, uplink by the server's count of pongs. */
  loss(now: number): LossStats {
    const [arrived = 0, missing = 0, ponged = 0, pongsLost = 0] = this.#sums.totals(now);
    const downlink = fraction(missing, arrived + missing);
    const uplink = fraction(pongsLost, ponged);

    return {
      downlink,
      uplink,
      round: downlink === undefined || uplink === undefined ? undefined : 1 - (1 - downlink) * (1 - uplink),
      window: arrived + missing,
    };
  }

  /** Between the latest ping and one after all others so many are missing, by loss or by an outage. */
  #enterMissing(missing: number, now: number): void {
    if (missing === 0) {
      return;
    }

    const passed = Math.max(0, now - this.#highestAt);
    const step = Math.min(probeStep(this.#interval), passed / (missing + 1));
    const first = Math.min(this.#interval, passed - missing * step);
    const others = (passed - first) / missing;
    const lostAt = this.#highestAt + first;

    const outage = isOutage(missing, now - lostAt, () => this.loss(now).downlink);

    if (outage) {
      this.#outages.add({ at: this.#clock.reading(lostAt), duration: now - lostAt, direction: 'unknown' });
    }

    // No more than are remembered, whatever number a server jumps to.
    for (let nth = Math.max(0, missing - WINDOW); nth < missing; nth++) {
      const picked = !outage && this.#sampler.picks(lostAt + nth * others) ? 1 : 0;

      this.#picked[(this.#highest + 1 + nth) % WINDOW] = picked;
      this.#sums.add(MISSING, picked, now);
    }
  }

  #enter(seq: number, now: number): void {
    const slot = seq % WINDOW;

    this.#picked[slot] = this.#sampler.picks(now) ? 1 : 0;
    this.#enterPicked(slot, now);
  }

  /** A ping that was taken for missing. */
  #enterLate(seq: number, now: number): void {
    const slot = seq % WINDOW;

    this.#late++;

    if (seq > this.#first) {
      this.#sums.add(MISSING, -(this.#picked[slot] ?? 0), now);
    } else {
      this.#first = seq;
      this.#picked[slot] = 0;
    }

    this.#enterPicked(slot, now);
  }

  #enterPicked(slot: number, now: number): void {
    const picked = this.#picked[slot] ?? 0;

    this.#pickedInAll += picked;
    this.#pickedUpTo[slot] = this.#pickedInAll;
    this.#sums.add(ARRIVED, picked, now);
  }

  /** The server has got the pong to that ping, and of those before it as many as it says. */
  #acknowledge(seq: number, now: number): void {
    const slot = seq % WINDOW;
    const before = this.#acknowledged;

    if (seq < 0 || this.#seqs[slot] !== seq || seq <= (before?.seq ?? -1)) {
      return;
    }

    const acknowledged = {
      seq,
      sent: (this.#pongsSent[slot] ?? 0) + 1,
      received: this.#confirmed,
      picked: this.#pickedUpTo[slot] ?? 0,
      nextAt: this.#arrivedAfter(seq, now),
    };

    if (before !== undefined) {
      this.#countPongs(before, acknowledged, now);
    }

    this.#acknowledged = acknowledged;
  }

  /** Counts the pongs to the pings between two that were acknowledged. Fewer than none are lost where those come that seemed to be: they were reordered. */
  #countPongs(before: Acknowledged, { seq, sent, received, picked }: Acknowledged, now: number): void {
    const pongs = sent - before.sent;
    const lost = pongs - (received - before.received);
    const counted = Math.max(0, picked - before.picked);
    // The acknowledged one is not among the lost ones.
    const own = Math.min(counted, this.#picked[seq % WINDOW] ?? 0);
    const lastedFor = (this.#answeredAt[seq % WINDOW] ?? now) - before.nextAt;

    if (lost === pongs - 1 && isOutage(lost, lastedFor, () => this.loss(now).uplink)) {
      this.#outages.add({ at: this.#clock.reading(before.nextAt), duration: lastedFor, direction: 'uplink' });
      this.#sums.add(PONGED, own, now);
    } else {
      if (lost > 0) {
        this.#lostShare = pongs > 1 ? (counted - own) / (pongs - 1) : 1;
      }

      this.#sums.add(PONGED, counted, now);
      this.#sums.add(PONGS_LOST, lost * this.#lostShare, now);
    }
  }

  /** When the first ping arrived after that one. */
  #arrivedAfter(seq: number, now: number): number {
    for (let next = seq + 1; next < this.#highest; next++) {
      const slot = next % WINDOW;

      if (this.#seqs[slot] === next) {
        return this.#answeredAt[slot] ?? now;
      }
    }

    return now;
  }
}

function fraction(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.min(1, part / whole) : undefined;
}
