import type { Detector } from './detector/Detector.ts';
import type { Reason, State, StateChange } from './Reason.ts';

/**
 * For so long the path has to be alive, in ms, before a missing answer is the peer's own fault: when a cut path
 * returns, the first bytes come just before the first answers.
 */
const UNRESPONSIVE_AFTER = 1000;

/** What keeps a verdict from getting worse: see `Interruptions`. */
type Hold = { readonly isHeld: boolean };

/** The reasons in which the two halves differ. */
export type VerdictReasons = {
  /** Why a peer is alive that was never heard before. */
  first: Reason;
  /** Why a peer is suspect or dead whose network stack still answers. */
  unresponsive: Reason;
};

/**
 * The state of one heartbeat, the reason for it, and the rules of going from one to another: what both
 * halves make of their detector's judgement, of goodbyes, freezes, interruptions and of the transport's
 * own word. Every change of state or reason passes through here and is told once.
 */
export class Verdict {
  readonly #reasons: VerdictReasons;
  readonly #interruptions: Hold;
  readonly #onchange: (change: StateChange) => void;
  #state: State = 'pending';
  #reason: Reason = 'new';
  #lastSeenAt: number | undefined;
  #upSince: number | undefined;
  /** Whether the peer has been alive since it was last waited for. */
  #wasAlive = false;
  /** Whether the peer was heard in the present state: without that, no state gets better. */
  #heardSince = false;
  /** Why suspicion falls on the peer, where something more telling than silence is known. */
  #suspectedFor: Reason | undefined;
  /** Since when the path is alive while answers are missing. */
  #pathAliveSince: number | undefined;
  #noDeathBefore = Number.NEGATIVE_INFINITY;

  constructor(reasons: VerdictReasons, interruptions: Hold, onchange: (change: StateChange) => void) {
    this.#reasons = reasons;
    this.#interruptions = interruptions;
    this.#onchange = onchange;
  }

  get state(): State {
    return this.#state;
  }

  get reason(): Reason {
    return this.#reason;
  }

  get lastSeenAt(): number | undefined {
    return this.#lastSeenAt;
  }

  get upSince(): number | undefined {
    return this.#upSince;
  }

  /** How long nothing has been heard of the peer, in ms. 0 until it spoke. */
  silentFor(now: number): number {
    return this.#lastSeenAt === undefined ? 0 : Math.max(0, now - this.#lastSeenAt);
  }

  /** The peer was heard: an authentic frame came. */
  heard(now: number): void {
    this.#lastSeenAt = Math.max(now, this.#lastSeenAt ?? now);
    this.#heardSince = true;
  }

  /** Nothing to judge: nobody is there to answer, or nobody yet. */
  wait(reason: Reason, now: number): void {
    this.#go('pending', reason, now);
  }

  /** Takes over the detector's judgement. */
  judge(detector: Detector, now: number): void {
    const judgement = detector.judge(now);

    if (judgement === 'alive') {
      if (this.#heardSince) {
        // Also of who never ceased to be alive: an interruption may have covered what it was suspected for.
        this.#suspectedFor = undefined;
        this.#pathAliveSince = undefined;
        this.#noDeathBefore = Number.NEGATIVE_INFINITY;
      }

      if (this.#heardSince && this.#state !== 'alive') {
        this.#go('alive', this.#wasAlive ? 'recovered' : this.#reasons.first, now);
      }
    } else if (this.#state !== 'pending' && !this.#interruptions.isHeld) {
      const worst = judgement === 'dead' && now >= this.#noDeathBefore ? 'dead' : 'suspect';

      // A dead peer whose first answers are still being weighed stays dead: it is not news, and no progress.
      if (this.#state !== 'dead') {
        this.#go(worst, this.#blame(detector, now), now);
      }
    }
  }

  /** Silence that the detector could not judge has lasted for too long: takes this judgement instead of its. */
  presume(judgement: 'suspect' | 'dead', now: number): void {
    if (this.#state !== 'dead' && !this.#interruptions.isHeld) {
      const worst = now >= this.#noDeathBefore ? judgement : 'suspect';

      if (this.#state === 'pending' && worst === 'dead') {
        this.#go('dead', 'no-answer', now);
      } else if (this.#state !== 'pending') {
        this.#go(worst, this.#suspectedFor ?? 'missed-pings', now);
      }
    }
  }

  /** Suspects the peer at once, for a reason more telling than silence. */
  suspect(reason: Reason, now: number): void {
    this.#suspectedFor = reason;

    if (this.#state === 'alive' && !this.#interruptions.isHeld) {
      this.#go('suspect', reason, now);
    }
  }

  /** The peer said why it will be silent: it is not called dead before `until`. */
  spare(until: number): void {
    this.#noDeathBefore = until;
  }

  /** The peer is gone, by its own word or the transport's. Of several reasons to be dead the first is kept. */
  down(reason: Reason, now: number): void {
    if (this.#state !== 'dead') {
      this.#go('dead', reason, now);
    }
  }

  /** The end. */
  close(reason: Reason, now: number): void {
    this.#go('closed', reason, now);
  }

  #blame(detector: Detector, now: number): Reason {
    if (this.#suspectedFor !== undefined) {
      return this.#suspectedFor;
    }

    this.#pathAliveSince = detector.pathAlive ? (this.#pathAliveSince ?? now) : undefined;

    return now - (this.#pathAliveSince ?? now) >= UNRESPONSIVE_AFTER
      ? this.#reasons.unresponsive
      : 'missed-pings';
  }

  #go(state: State, reason: Reason, now: number): void {
    const previous = this.#state;

    if (previous === 'closed' || (previous === state && this.#reason === reason)) {
      return;
    }

    this.#state = state;
    this.#reason = reason;
    this.#heardSince = false;

    if (state === 'alive') {
      this.#wasAlive = true;
      this.#upSince ??= now;
    } else if (state !== 'suspect') {
      this.#wasAlive &&= state !== 'pending';
      this.#upSince = undefined;
    }

    this.#onchange({ state, previous, reason, at: now, silentFor: this.silentFor(now) });
  }
}
