import type { State } from '../Reason.ts';
import type { Stats } from '../Stats.ts';

/** A quality in a word. `lost`: nobody would call this a conversation. `unknown`: there is nothing to judge. */
export type QualityRating = 'excellent' | 'good' | 'poor' | 'lost' | 'unknown';

/**
 * What impairs the quality most.
 *
 * - `delay`: the round trip is long.
 * - `jitter`: the round trip varies, so that a receiver has to buffer.
 * - `loss`: pings or pongs get lost.
 * - `media-loss`: RTP gets lost, and more of it than pings.
 * - `silence`: the peer is suspect or dead.
 * - `none`: nothing of note.
 */
export type QualityCause = 'none' | 'delay' | 'jitter' | 'loss' | 'media-loss' | 'silence';

/** The quality of one direction. */
export type DirectionQuality = {
  /** The mean opinion score: 1 (worst) to 4.5, the best that the E-model knows. `undefined` while unknown. */
  readonly score: number | undefined;
  /** The same in a word. */
  readonly rating: QualityRating;
  /** What impairs it most. */
  readonly cause: QualityCause;
};

/** The quality of a path. Frozen, and the same object until something of note changes. */
export type Quality = {
  /** From the server to the client. */
  readonly downlink: DirectionQuality;
  /** From the client to the server. */
  readonly uplink: DirectionQuality;
};

/** The share of RTP packets that got lost lately, 0–1, by direction. `undefined`: no media flows there. */
export type MediaLoss = {
  downlink?: number | undefined;
  uplink?: number | undefined;
};

/** What a quality is judged by. */
export type QualityInput = {
  state: State;
  stats: Stats;
  media?: MediaLoss | undefined;
};

/** R above which a rating begins, from the best. */
const RATINGS = [
  ['excellent', 80],
  ['good', 40],
  ['poor', 20],
] as const;

/** A rating gets better only if R is so far above where it begins: no badge flickers. */
const MARGIN = 5;

/** R without impairment. */
const BEST = 100;

/** What each percent of loss costs: an audio codec with concealment. */
const PER_PERCENT = 8;

/** How long a delay is hardly noticed, in ms, and what it costs below and above that. */
const NOTICED_FROM = 160;

/** R follows a change by so much within {@link SMOOTHED_OVER}: bad news faster than good news. */
const FOLLOWS = { down: 0.8, up: 0.4 };
const SMOOTHED_OVER = 5000;

/** An impairment below this is nothing of note. */
const NOTABLE = 5;

/** A score that has changed by less is not told. */
const NOTABLE_SCORE = 0.1;

/** The most that R can be while the peer is suspect: `poor`. */
const SUSPECT_AT_MOST = 39;

const UNKNOWN: DirectionQuality = Object.freeze({ score: undefined, rating: 'unknown', cause: 'none' });

/**
 * Judges the quality of a path by the E-model (ITU-T G.107), simplified as LiveKit does it: R = 100 − delay − loss. It takes the
 * heartbeat's RTT, its variation and its loss. So it works without media: a participant that only listens has a quality, too.
 *
 * Pure: it has no clock and no timer. Call {@link update} about every 5 s.
 */
export class QualityMeter {
  readonly #downlink = new Direction();
  readonly #uplink = new Direction();
  #quality: Quality = Object.freeze({ downlink: UNKNOWN, uplink: UNKNOWN });

  /** The quality by the latest update. */
  get quality(): Quality {
    return this.#quality;
  }

  /**
   * Takes the figures as of now.
   *
   * @returns the quality: the same object as before if nothing of note has changed.
   */
  update({ state, stats, media }: QualityInput): Quality {
    const { downlink, uplink } = this.#quality;
    const next = {
      downlink: this.#downlink.update(state, stats, stats.loss.downlink, media?.downlink),
      uplink: this.#uplink.update(state, stats, stats.loss.uplink, media?.uplink),
    };

    if (next.downlink !== downlink || next.uplink !== uplink) {
      this.#quality = Object.freeze(next);
    }

    return this.#quality;
  }
}

class Direction {
  #told = UNKNOWN;
  #smoothed: number | undefined;
  #at = 0;

  update(state: State, stats: Stats, loss = 0, mediaLoss = 0): DirectionQuality {
    const { smoothed: rtt, variation = 0 } = stats.rtt;

    if (state === 'pending' || state === 'closed' || rtt === undefined) {
      this.#smoothed = undefined;
      this.#told = UNKNOWN;

      return this.#told;
    }

    const impairments = impairmentsOf(rtt, variation, loss, mediaLoss);
    const sum = impairments.reduce((total, [, impairment]) => total + impairment, 0);
    const r = this.#smooth(boundedBy(state, Math.max(0, BEST - sum)), state, stats.at);
    const [[worst, most] = ['none', 0] as const] = [...impairments].sort(([, a], [, b]) => b - a);
    const isSilent = state === 'suspect' || state === 'dead';
    const cause: QualityCause = isSilent ? 'silence' : most >= NOTABLE ? worst : 'none';

    this.#tell(opinionOf(r), this.#rate(r), cause);

    return this.#told;
  }

  #smooth(r: number, state: State, at: number): number {
    const before = this.#smoothed ?? r;
    const share =
      1 - (1 - FOLLOWS[r < before ? 'down' : 'up']) ** (Math.max(0, at - this.#at) / SMOOTHED_OVER);

    this.#at = at;
    // The states are smoothed already.
    this.#smoothed = boundedBy(state, before + share * (r - before));

    return this.#smoothed;
  }

  #rate(r: number): QualityRating {
    const order: QualityRating[] = [...RATINGS.map(([rating]) => rating), 'lost'];
    const before = order.indexOf(this.#told.rating);
    const index = RATINGS.findIndex(([, from], place) => r >= (place < before ? from + MARGIN : from));

    return order[index === -1 ? RATINGS.length : index] as QualityRating;
  }

  #tell(score: number, rating: QualityRating, cause: QualityCause): void {
    const told = this.#told;
    const isNews =
      rating !== told.rating || cause !== told.cause || Math.abs(score - (told.score ?? 0)) >= NOTABLE_SCORE;

    if (isNews) {
      this.#told = Object.freeze({ score: Math.round(score * 100) / 100, rating, cause });
    }
  }
}

/** What each cause takes from R. */
function impairmentsOf(
  rtt: number,
  variation: number,
  loss: number,
  mediaLoss: number,
): (readonly [QualityCause, number])[] {
  // Half of the round trip, and of its variation. A receiver buffers twice its jitter.
  const delay = rtt / 2;
  const jitter = variation / 2;
  const ofDelay = delayImpairment(delay);

  return [
    ['delay', ofDelay],
    ['jitter', delayImpairment(delay + 2 * jitter) - ofDelay],
    // The same packets get lost: the two figures are not added.
    mediaLoss > loss ? ['media-loss', 100 * mediaLoss * PER_PERCENT] : ['loss', 100 * loss * PER_PERCENT],
  ];
}

function delayImpairment(ms: number): number {
  return ms <= NOTICED_FROM ? ms / 40 : (ms - 120) / 10;
}

function boundedBy(state: State, r: number): number {
  return state === 'dead' ? 0 : state === 'suspect' ? Math.min(r, SUSPECT_AT_MOST) : r;
}

/** The mean opinion score: ITU-T G.107, annex B. */
function opinionOf(r: number): number {
  return Math.max(1, Math.min(4.5, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r)));
}
