import { IntervalSampler } from '../figures/IntervalSampler.ts';
import { isOutage, Outages } from '../figures/Outages.ts';
import { SlidingSums } from '../figures/SlidingSums.ts';
import type { LossStats, Outage, OutageStats } from '../Stats.ts';
import type { StallAdjustedClock } from './StallAdjustedClock.ts';
import { Arrival, Fate, PINGS_REMEMBERED, UnsettledPings } from './UnsettledPings.ts';

/** A ping without an answer after this long, in ms, is lost until its answer comes, late. [HB-LOSS-2] */
export const LOST_AFTER = 3000;

/** How far back the `seen` bits of a pong reach. */
const SEEN_BITS = 32;

/** What is counted, of one ping an interval: what became of it. */
const Sum = { Answered: 0, Down: 1, Up: 2, Unknown: 3 } as const;

/** What a pong turned out to be. `late`: its ping had been given up. `duplicate`: its ping has been answered. `expired`: its ping is forgotten. */
export type Settlement = 'answered' | 'late' | 'duplicate' | 'expired' | 'forged';

/**
 * The pings of one heartbeat: which token each carries, when it left, and what became of it. The last {@link PINGS_REMEMBERED} are
 * remembered, and answers to older ones are expired.
 */
export class PingsInFlight {
  readonly #unsettled = new UnsettledPings();
  readonly #clock: StallAdjustedClock;
  readonly #sampler: IntervalSampler;
  readonly #sums = new SlidingSums(Object.keys(Sum).length);
  readonly #outages: Outages;
  /** The oldest ping of which it is not decided yet whether it is loss, or part of an outage. */
  #undecided = 0;
  /** The pings before that one which are undecided, too, but forgotten: how many, and when the first left. */
  #forgotten = 0;
  #forgottenAt = 0;
  #next = 0;
  #oldestPending = 0;
  /** The oldest ping whose answer may yet come in time. */
  #oldestAwaited = 0;
  /** The first ping whose round trip no local stall has lengthened. */
  #untouched = 0;
  #received = 0;
  #late = 0;
  #lost = 0;

  /**
   * @param interval - The time between two pings of a healthy peer, in ms: one ping of each counts as answered or lost.
   * @param outageOver - Told of each outage that is over.
   */
  constructor(interval: number, clock: StallAdjustedClock, outageOver: (outage: Outage) => void = () => {}) {
    this.#clock = clock;
    this.#outages = new Outages(outageOver);
    this.#sampler = new IntervalSampler(interval);
  }

  /** The sequence number of the next ping, counted without wrapping. Equals the number of pings sent. */
  get next(): number {
    return this.#next;
  }

  /** How many pings were answered, late ones included. */
  get received(): number {
    return this.#received;
  }

  /** How many were answered after they had been given up. */
  get late(): number {
    return this.#late;
  }

  /** How many are given up for good, so far. */
  get lost(): number {
    return this.#lost;
  }

  /** When the oldest ping that is still on its way left. `Infinity`: none is. */
  get oldestPendingAt(): number {
    return this.#oldestPending < this.#next ? this.sentAt(this.#oldestPending) : Number.POSITIVE_INFINITY;
  }

  /** The oldest ping whose answer may yet come in time. */
  get oldestAwaited(): number {
    return this.#oldestAwaited;
  }

  /** When that ping left. `Infinity`: none is awaited. */
  get oldestAwaitedAt(): number {
    return this.#oldestAwaited < this.#next ? this.sentAt(this.#oldestAwaited) : Number.POSITIVE_INFINITY;
  }

  /** Awaits the oldest ping no longer. Returns when it left. */
  takeAwaited(): number {
    return this.sentAt(this.#oldestAwaited++);
  }

  /** A local stall: the answers to what is on its way may have waited, so they prove nothing by being late or absent. */
  forgetAwaited(): void {
    this.#oldestAwaited = this.#next;
    this.#untouched = this.#next;
  }

  /** Enters a ping that leaves now and returns its sequence number. */
  sent(token: number, now: number): number {
    const seq = this.#next++;
    const forgotten = seq - PINGS_REMEMBERED;

    // A ping that falls out of the window unanswered is lost, whatever the time.
    if (this.#oldestPending === forgotten) {
      this.#lost++;
    }

    if (this.#undecided <= forgotten) {
      this.#forget();
    }

    this.#oldestPending = Math.max(this.#oldestPending, forgotten + 1);
    this.#oldestAwaited = Math.max(this.#oldestAwaited, forgotten + 1);
    this.#unsettled.add(
      seq,
      token,
      now,
      this.#clock.reading(now),
      this.#sampler.picks(now),
      Math.min(this.#undecided, this.#oldestAwaited),
    );
    this.#skipSettled();

    return seq;
  }

  /** Settles the ping that a pong answers; a negative `seq` is none that was sent. `seen` are the pong's bits about the 32 pings before it. */
  answered(seq: number, token: number, seen: number): Settlement {
    if (seq >= 0 && seq < this.#next - PINGS_REMEMBERED) {
      return 'expired';
    } else if (seq < 0 || seq >= this.#next) {
      return 'forged';
    }

    const fate = this.#fate(seq);
    const place = this.#unsettled.find(seq);

    if (fate === Fate.Answered) {
      return 'duplicate';
    } else if (this.#unsettled.tokenAt(place) !== token) {
      return 'forged';
    }

    const late = fate !== Fate.Pending;

    if (fate === Fate.Counted) {
      this.#count(this.#lostBy(seq), seq, -1);
      this.#count(Sum.Answered, seq);
    }

    this.#unsettled.setFate(place, Fate.Answered);
    this.#received++;

    if (late) {
      this.#late++;
      this.#lost--;
    }

    this.#attribute(seq, seen);
    this.#skipSettled();

    return late ? 'late' : 'answered';
  }

  /** When a ping left that is not settled, or was settled since the latest one left. */
  sentAt(seq: number): number {
    return this.#unsettled.sentAt(this.#unsettled.find(seq));
  }

  /** The same by the caller's clock, which goes on in local stalls. */
  sentReading(seq: number): number {
    return this.#unsettled.sentReadingAt(this.#unsettled.find(seq));
  }

  /** Whether a local stall has lengthened the round trip of a ping. */
  isTouched(seq: number): boolean {
    return seq < this.#untouched;
  }

  /** Gives up the pings that left at or before `leftBy`, and decides what those and the answered ones count for. */
  giveUp(leftBy: number): void {
    while (this.oldestPendingAt <= leftBy) {
      this.#settle(this.#oldestPending, Fate.Lost);
      this.#lost++;
      this.#skipSettled();
    }

    while (this.#undecided < this.#next && this.sentAt(this.#undecided) <= leftBy) {
      if (!this.#decide(leftBy)) {
        break;
      }
    }
  }

  /** The pings that have left by now count for nothing: the client that should answer them is gone, or replaced. */
  voidPending(): void {
    this.#undecided = this.#next;
    this.#forgotten = 0;
  }

  /** What is decided by now does not count any more: it was on another path. */
  forgetLoss(): void {
    this.#sums.clear();
  }

  /** Loss over the last two minutes, as far as it is decided. A direction counts only pings of which it is known. */
  loss(now: number): LossStats {
    const { 0: answered = 0, 1: down = 0, 2: up = 0, 3: unknown = 0 } = this.#sums.totals(now);
    const lost = down + up + unknown;

    return {
      downlink: fraction(down, answered + down + up),
      uplink: fraction(up, answered + up),
      round: fraction(lost, answered + lost),
      window: answered + lost,
    };
  }

  /** The outages, with the one that is going on. */
  outages(now: number): OutageStats {
    const isOpen = this.#undecided < this.#next && this.#fate(this.#undecided) === Fate.Lost;

    return this.#outages.stats(isOpen ? this.#outageUntil(this.#firstAnswered(), now) : undefined);
  }

  /** Decides about the oldest undecided ping, or about the whole outage that it begins. Returns whether it could. */
  #decide(leftBy: number): boolean {
    const seq = this.#undecided;

    if (this.#fate(seq) === Fate.Answered) {
      if (this.#forgotten > 0) {
        this.#closeForgotten(seq);
      }

      this.#count(Sum.Answered, seq);
      this.#undecided++;

      return true;
    }

    const end = this.#firstAnswered();
    const outage = this.#outageUntil(end, Number.POSITIVE_INFINITY);

    if (end === undefined) {
      return false;
    } else if (outage === undefined) {
      this.#forgotten = 0;
      this.#count(this.#lostBy(seq), seq);
      this.#settle(seq, Fate.Counted);
      this.#undecided++;

      return true;
    } else if (this.sentAt(end) > leftBy) {
      // One of its pings may yet be answered.
      return false;
    }

    this.#outages.add(outage);
    this.#undecided = end;
    this.#forgotten = 0;

    return true;
  }

  /** The first ping after the undecided one that was answered. */
  #firstAnswered(): number | undefined {
    for (let seq = this.#undecided; seq < this.#next; seq++) {
      if (this.#fate(seq) === Fate.Answered) {
        return seq;
      }
    }

    return undefined;
  }

  /** The outage from the oldest undecided ping until that one, or until now, if it is one. */
  #outageUntil(end: number | undefined, now: number): Outage | undefined {
    const at = this.#forgotten > 0 ? this.#forgottenAt : this.sentAt(this.#undecided);
    const duration = (end === undefined ? now : this.sentAt(end)) - at;
    const pings = this.#forgotten + (end ?? this.#next) - this.#undecided;

    return isOutage(pings, duration, () => this.loss(at).round)
      ? {
          at: this.#clock.reading(at),
          duration,
          direction: end !== undefined && this.#arrivedBefore(end) ? 'uplink' : 'unknown',
        }
      : undefined;
  }

  /** Whether all the undecided pings before that one reached the client, as far as its pong can tell. */
  #arrivedBefore(end: number): boolean {
    for (let seq = Math.max(this.#undecided, end - SEEN_BITS); seq < end; seq++) {
      if (this.#arrival(seq) !== Arrival.Yes) {
        return false;
      }
    }

    return end > this.#undecided;
  }

  /** Makes room for another ping, where an outage is so long that its first pings have to be forgotten. */
  #forget(): void {
    const seq = this.#undecided++;

    if (this.#fate(seq) !== Fate.Answered) {
      this.#forgottenAt = this.#forgotten++ === 0 ? this.sentAt(seq) : this.#forgottenAt;
    } else if (this.#forgotten > 0) {
      this.#closeForgotten(seq);
    }
  }

  /**
   * The forgotten pings, at least one, were all of an outage, or of a loss that is too old to count. The callers look whether there are
   * any: the closure here would take memory at each answer.
   */
  #closeForgotten(end: number): void {
    const endedAt = this.sentAt(end);
    const duration = endedAt - this.#forgottenAt;

    if (isOutage(this.#forgotten, duration, () => this.loss(endedAt).round)) {
      this.#outages.add({ at: this.#clock.reading(this.#forgottenAt), duration, direction: 'unknown' });
    }

    this.#forgotten = 0;
  }

  #count(sum: number, seq: number, by = 1): void {
    const place = this.#unsettled.find(seq);

    this.#sums.add(sum, this.#unsettled.isPickedAt(place) ? by : 0, this.#unsettled.sentAt(place));
  }

  #lostBy(seq: number): number {
    const arrival = this.#arrival(seq);

    return arrival === Arrival.No ? Sum.Down : arrival === Arrival.Yes ? Sum.Up : Sum.Unknown;
  }

  /** Notes which of the pings before `seq` arrived. So it is known in which direction a lost round trip was lost. */
  #attribute(seq: number, seen: number): void {
    const oldest = Math.max(this.#undecided, seq - SEEN_BITS, this.#next - PINGS_REMEMBERED);

    for (let earlier = oldest; earlier < seq; earlier++) {
      const arrived = ((seen >>> (seq - 1 - earlier)) & 1) === 1;
      const place = this.#unsettled.find(earlier);

      // A pong may be older than one that came before it: once seen is seen.
      if (this.#unsettled.arrivalAt(place) !== Arrival.Yes) {
        this.#unsettled.setArrival(place, arrived ? Arrival.Yes : Arrival.No);
      }
    }
  }

  #skipSettled(): void {
    while (this.#oldestPending < this.#next && this.#fate(this.#oldestPending) !== Fate.Pending) {
      this.#oldestPending++;
    }
  }

  /** What became of a ping that is remembered. */
  #fate(seq: number): Fate {
    const place = this.#unsettled.find(seq);

    return place < 0 ? Fate.Answered : this.#unsettled.fateAt(place);
  }

  #arrival(seq: number): Arrival {
    return this.#unsettled.arrivalAt(this.#unsettled.find(seq));
  }

  #settle(seq: number, fate: Fate): void {
    this.#unsettled.setFate(this.#unsettled.find(seq), fate);
  }
}

function fraction(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
