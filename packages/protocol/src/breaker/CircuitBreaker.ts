/** `closed`: all is well. `open`: the sender should send less, or nothing. `half-open`: it may try again. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * What the sender should do.
 *
 * - `none`: nothing. While half-open: send again, little at first.
 * - `reduce`: send at most a tenth of the rate.
 * - `audio-only`: stop this video.
 * - `stop`: stop sending.
 */
export type BreakerAdvice = 'none' | 'reduce' | 'audio-only' | 'stop';

/** Which rule of RFC 8083 has opened the breaker: §4.1, §4.2, §4.3, §4.4. */
export type BreakerRule = 'rtcp-timeout' | 'media-timeout' | 'congestion' | 'usability';

/** What speaks for another try. `new-path`: ICE has found another one. `path-well`: the heartbeat's own pings get through. */
export type BreakerEvidence = 'new-path' | 'path-well';

/** What is known of a stream when its statistics are read. All counts are since its beginning. */
export type SenderReading = {
  /** When, in ms, by a clock that does not jump. */
  at: number;
  /** Packets and bytes that were sent. */
  packets: number;
  bytes: number;
  /** Packets that the receiver missed, by its reports. */
  lost: number;
  /** The round trip by the receiver's reports, in ms. */
  rtt: number | undefined;
  /** When the latest report came, `null` if none has come yet. Left out: this side cannot tell, and `rtcp-timeout` is left out. */
  reportedAt?: number | null | undefined;
  /** The extended highest sequence number of the latest report. Left out: this side cannot tell, and `media-timeout` is left out. */
  highestSequence?: number | undefined;
};

/** What a breaker judges by. All times in ms. */
export type BreakerOptions = {
  /** What the stream carries: a video can be stopped without the end of the conversation. */
  kind: 'audio' | 'video';
  /** Tdr: how often the receiver reports, and the statistics are read. 500–60000, default 1000 for video, 5000 for audio. */
  reportInterval?: number;
  /** Tf: time between two frames. 1–10000, default 33 for video, 20 for audio. */
  frameInterval?: number;
  /** G: frames in a group of pictures. An integer, 1–10000, default 1. */
  groupSize?: number;
  /** The loss from which media is of no use, 0.01–1, or `false`. Default 0.1. The RFC has no figure. */
  unusableLoss?: number | false;
};

/** What a change is based on. */
export type BreakerFigures = {
  /** The share of packets that got lost over the interval, 0–1. */
  loss: number | undefined;
  /** The sending rate over the interval, and the one that opens the breaker: ten times what TCP would reach. In bit/s. */
  rate: number | undefined;
  limit: number | undefined;
  /** The round trip, in ms. */
  rtt: number | undefined;
  /** Over how many ms. */
  interval: number;
};

/** A change of a breaker, or of its advice. */
export type BreakerChange = {
  readonly state: BreakerState;
  readonly previous: BreakerState;
  readonly advice: BreakerAdvice;
  /** The rule that has opened it. `undefined` while closed. */
  readonly rule: BreakerRule | undefined;
  /** What speaks for the try, where it is half-open. `undefined`: a reduced stream got through. */
  readonly evidence: BreakerEvidence | undefined;
  readonly figures: BreakerFigures;
  /** When, in ms. */
  readonly at: number;
};

/** Td: RTCP's deterministic interval of the sender, which has a minimum. */
const TD = 5000;

/** k of RFC 8083 §4.2. */
const K = 5;

/** RFC 8083 §4.3: a stream that sends ten times what TCP would reach harms others. */
const TIMES_TCP = 10;

/** Packets that an acknowledgement stands for: b of TFRC. */
const B = 1;

/** Each further opening waits twice as long, up to this, in ms. */
const LONGEST_WAIT = 300_000;

const DEFAULTS = {
  audio: { reportInterval: 5000, frameInterval: 20 },
  video: { reportInterval: 1000, frameInterval: 33 },
};

/**
 * A circuit breaker for one RTP stream, by RFC 8083: it opens if the stream goes on although nobody hears it, or although it takes far
 * more than its share of a congested path. It only advises. It does not close by itself after the stream has stopped: it needs evidence.
 *
 * Pure: it has no clock and no timer. Feed it with a reading each `reportInterval`.
 */
export class CircuitBreaker {
  readonly #kind: 'audio' | 'video';
  readonly #options: Required<Omit<BreakerOptions, 'kind'>>;
  /** The readings of the present interval, the oldest first. */
  #window: SenderReading[] = [];
  #sendingSince: number | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** Reports in a row without progress, and how many of them open the breaker. */
  #stuck = 0;
  #stuckLimit = 0;
  #state: BreakerState = 'closed';
  #advice: BreakerAdvice = 'none';
  #rule: BreakerRule | undefined;
  #figures: BreakerFigures = {
    loss: undefined,
    rate: undefined,
    limit: undefined,
    rtt: undefined,
    interval: 0,
  };
  /** How often it has opened without having been closed. */
  #openings = 0;
  #openedAt = 0;
  /** The interval over which it was opened. */
  #interval = 0;
  #evidence: BreakerEvidence | undefined;

  /** @throws TypeError if an option is invalid. */
  constructor({ kind, ...given }: BreakerOptions) {
    if (kind !== 'audio' && kind !== 'video') {
      throw new TypeError(`kind must be 'audio' or 'video', got ${String(kind)}`);
    }

    const {
      reportInterval = DEFAULTS[kind].reportInterval,
      frameInterval = DEFAULTS[kind].frameInterval,
      groupSize = 1,
      unusableLoss = 0.1,
    } = given;

    checkRange('reportInterval', reportInterval, 500, 60_000);
    checkRange('frameInterval', frameInterval, 1, 10_000);
    checkRange('groupSize', groupSize, 1, 10_000, true);

    if (unusableLoss !== false) {
      checkRange('unusableLoss', unusableLoss, 0.01, 1);
    }

    this.#kind = kind;
    this.#options = { reportInterval, frameInterval, groupSize, unusableLoss };
  }

  get state(): BreakerState {
    return this.#state;
  }

  get advice(): BreakerAdvice {
    return this.#advice;
  }

  /** How often to feed it, in ms. */
  get reportInterval(): number {
    return this.#options.reportInterval;
  }

  /** Takes a reading. Returns the change that follows from it. */
  read(reading: SenderReading): BreakerChange | undefined {
    const before = this.#window.at(-1);

    // Somebody counts anew.
    if (before !== undefined && (reading.packets < before.packets || reading.at <= before.at)) {
      this.#window = [];
    }

    const isSending = before !== undefined && reading.packets > before.packets;

    this.#sendingSince = isSending ? (this.#sendingSince ?? before.at) : undefined;
    this.#countStuck(reading, before);
    this.#window.push(reading);

    const broken = this.#brokenRule(reading);

    if (broken !== undefined) {
      return this.#open(broken, reading.at);
    } else if (this.#window.length > this.#intervals(reading.rtt)) {
      const hasFlowed = this.#flowed;

      this.#window.shift();

      if (hasFlowed) {
        return this.#passed(reading.at);
      }
    }

    return this.#tryAgain(reading.at);
  }

  /**
   * Tells what speaks for another try, or that nothing does any more. The breaker gets half-open as soon as the RFC allows it, which limits
   * how often: not before the interval is over that has opened it.
   */
  tell(evidence: BreakerEvidence | undefined, at: number): BreakerChange | undefined {
    // A path that is known to be well says less than a new one.
    if (evidence === 'new-path' || this.#evidence !== 'new-path') {
      this.#evidence = evidence;
    }

    return this.#tryAgain(at);
  }

  /** The rule that the stream breaks as of this reading. */
  #brokenRule(reading: SenderReading): BreakerRule | undefined {
    this.#figures = this.#measure(reading);

    const { loss, rate, limit } = this.#figures;
    const isFull = this.#window.length > this.#intervals(reading.rtt) && this.#flowed;
    const { unusableLoss } = this.#options;

    if (this.#isUnreported(reading)) {
      return 'rtcp-timeout';
    } else if (this.#stuckLimit > 0 && this.#stuck >= this.#stuckLimit) {
      return 'media-timeout';
    } else if (isFull && rate !== undefined && limit !== undefined && rate > limit) {
      return 'congestion';
    }

    return isFull && unusableLoss !== false && (loss ?? 0) >= unusableLoss ? 'usability' : undefined;
  }

  /** RFC 8083 §4.1 */
  #isUnreported({ at, reportedAt }: SenderReading): boolean {
    if (reportedAt === undefined || this.#sendingSince === undefined) {
      return false;
    }

    this.#reportedAt = Math.max(this.#reportedAt, reportedAt ?? Number.NEGATIVE_INFINITY);

    return at - Math.max(this.#reportedAt, this.#sendingSince, this.#openedAt) >= 3 * TD;
  }

  /** RFC 8083 §4.2 */
  #countStuck({ highestSequence, packets, rtt = 0 }: SenderReading, before: SenderReading | undefined): void {
    const { reportInterval: tdr, frameInterval: tf } = this.#options;
    const isStuck =
      before !== undefined &&
      highestSequence !== undefined &&
      before.highestSequence === highestSequence &&
      packets > before.packets;

    this.#stuck = isStuck ? this.#stuck + 1 : 0;
    // It may get longer while they are counted, and not shorter.
    this.#stuckLimit = isStuck
      ? Math.max(this.#stuckLimit, Math.ceil((K * Math.max(tf, rtt, tdr)) / tdr))
      : 0;
  }

  /** CB_INTERVAL of RFC 8083 §4.3, in reports. */
  #intervals(rtt = 0): number {
    const { reportInterval: tdr, frameInterval: tf, groupSize: g } = this.#options;
    const longest = Math.max(15_000, 3 * TD);

    return Math.ceil((3 * Math.min(Math.max(10 * g * tf, 10 * rtt, 3 * tdr), longest)) / (3 * tdr));
  }

  /** Whether at least one packet left in each max(Tdr, Tr) of the window. */
  get #flowed(): boolean {
    return this.#window.every(({ packets, at, rtt = 0 }, index) => {
      const before = this.#window[index - 1];
      const slots = before && (at - before.at) / Math.max(this.#options.reportInterval, rtt);

      // Readings come a little late or early.
      return before === undefined || packets - before.packets >= Math.max(1, Math.floor(slots ?? 0));
    });
  }

  /** RFC 8083 §4.3, with the full equation of TFRC (RFC 5348 §3.1), which is closer on links with long round trips. */
  #measure({ rtt }: SenderReading): BreakerFigures {
    const [first, last] = [this.#window[0], this.#window.at(-1)] as [SenderReading, SenderReading];
    const interval = last.at - first.at;
    const packets = last.packets - first.packets;

    if (interval <= 0 || packets <= 0) {
      return { loss: undefined, rate: undefined, limit: undefined, rtt, interval };
    }

    // Packets that come late are no longer counted as lost.
    const loss = Math.min(1, Math.max(0, last.lost - first.lost) / packets);
    const bits = 8 * (last.bytes - first.bytes);
    const rate = bits / (interval / 1000);

    if (rtt === undefined || rtt <= 0 || loss === 0) {
      return { loss, rate, limit: undefined, rtt, interval };
    }

    const tr = rtt / 1000;
    const rto = 4 * tr;
    const seconds =
      tr * Math.sqrt((2 * B * loss) / 3) +
      rto * 3 * Math.sqrt((3 * B * loss) / 8) * loss * (1 + 32 * loss ** 2);

    return { loss, rate, limit: (TIMES_TCP * (bits / packets)) / seconds, rtt, interval };
  }

  #open(rule: BreakerRule, at: number): BreakerChange | undefined {
    const previous = this.#state;
    const before = this.#advice;
    const isLoss = rule === 'congestion' || rule === 'usability';
    const isFirst = previous === 'closed' || this.#advice === 'none';
    const cease = this.#kind === 'video' ? 'audio-only' : 'stop';

    this.#state = 'open';
    this.#rule = rule;
    // A stream that has been cut to a tenth, and still breaks the rule, must cease. Nobody hears one that breaks the other rules.
    this.#advice = isLoss ? (isFirst && previous !== 'half-open' ? 'reduce' : cease) : 'stop';
    this.#openings += previous === 'open' ? 0 : 1;
    this.#openedAt = at;
    this.#interval = isLoss
      ? this.#figures.interval
      : Math.max(3 * TD, this.#stuck * this.#options.reportInterval);
    this.#evidence = undefined;
    this.#stuck = 0;
    // The next interval begins.
    this.#window = this.#window.slice(-1);

    // An application that does not follow the advice has heard it.
    return previous === 'open' && this.#advice === before ? undefined : this.#change(previous, at);
  }

  /** A whole interval has passed, with packets, in which no rule was broken. */
  #passed(at: number): BreakerChange | undefined {
    const previous = this.#state;

    if (previous === 'half-open') {
      this.#state = 'closed';
      this.#openings = 0;
      this.#rule = undefined;

      return this.#change(previous, at);
    }

    // What was reduced still flows: that it gets through is evidence enough.
    return previous === 'open' && this.#advice === 'reduce' && at >= this.#openedAt + this.#wait
      ? this.#halfOpen(at)
      : this.#tryAgain(at);
  }

  #tryAgain(at: number): BreakerChange | undefined {
    if (this.#state !== 'open' || this.#evidence === undefined) {
      return undefined;
    }

    const wait = this.#evidence === 'new-path' ? this.#interval : this.#wait;

    return at >= this.#openedAt + wait ? this.#halfOpen(at) : undefined;
  }

  get #wait(): number {
    return Math.min(LONGEST_WAIT, this.#interval * 2 ** (this.#openings - 1));
  }

  #halfOpen(at: number): BreakerChange {
    const previous = this.#state;

    this.#state = 'half-open';
    this.#advice = 'none';
    this.#window = this.#window.slice(-1);

    const change = this.#change(previous, at);

    this.#evidence = undefined;

    return change;
  }

  #change(previous: BreakerState, at: number): BreakerChange {
    return Object.freeze({
      state: this.#state,
      previous,
      advice: this.#advice,
      rule: this.#rule,
      evidence: this.#state === 'half-open' ? this.#evidence : undefined,
      figures: Object.freeze({ ...this.#figures }),
      at,
    });
  }
}

function checkRange(name: string, value: unknown, min: number, max: number, isInteger = false): void {
  const isValid = typeof value === 'number' && value >= min && value <= max;

  if (!isValid || (isInteger && !Number.isInteger(value))) {
    throw new TypeError(
      `${name} must be ${isInteger ? 'an integer' : 'a number'} from ${min} to ${max}, got ${String(value)}`,
    );
  }
}
