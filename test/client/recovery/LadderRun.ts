import { Ladder, type LadderOptions, type LadderStep } from '../../../packages/client/src/recovery/Ladder.ts';

/** What happened, with the time in ms. */
export type Happened = [at: number, what: string];

/** A ladder on a simulated clock. Restarts take 5 ms, and by default the application is asked and says nothing. */
export class LadderRun {
  readonly ladder: Ladder;
  readonly rtt: number;
  /** Restarts, questions and their ends, in order. Probes and reads are left out. */
  readonly happened: Happened[] = [];
  /** How many probes there were. */
  probes = 0;
  /** When something comes on the path, as the counters show it. */
  hears: (now: number) => boolean = () => false;
  /** What becomes of a restart. */
  restart: (attempt: number) => 'restarted' | 'refused' | 'no network' | 'hangs' = () => 'restarted';
  /** The machine sleeps, or the page hangs: the ladder's timers come late. */
  stall: [from: number, to: number] = [0, 0];
  now = 0;
  readonly #later: Array<{ at: number; run: () => void }> = [];

  constructor(options: Partial<LadderOptions> = {}, rtt = 50) {
    this.rtt = rtt;
    this.ladder = new Ladder({
      canRestart: true,
      canAsk: false,
      giveUpAfter: 120_000,
      isLibwebrtc: true,
      ...options,
    });
  }

  /** Calls back at a time. */
  at(at: number, run: () => void): void {
    this.#later.push({ at, run });
  }

  /** Runs until a time. */
  runTo(end: number): void {
    this.#drain();

    for (;;) {
      const next = Math.min(this.#timer, ...this.#later.map(({ at }) => at));

      if (!(next <= end)) {
        break;
      }

      this.now = Math.max(this.now, next);

      for (const job of this.#later.filter(({ at }) => at <= this.now)) {
        this.#later.splice(this.#later.indexOf(job), 1);
        job.run();
        this.#drain();
      }

      if (this.#timer <= this.now) {
        this.ladder.handleTimeout(this.now);
        this.#drain();
      }
    }

    this.now = end;
  }

  /** When ICE was restarted. */
  get restarts(): number[] {
    return this.happened.filter(([, what]) => what.startsWith('restart')).map(([at]) => at);
  }

  /** When the ladder's timer fires. */
  get #timer(): number {
    const { nextTimeout } = this.ladder;
    const [from, to] = this.stall;

    return nextTimeout >= from && nextTimeout < to ? to : nextTimeout;
  }

  #drain(): void {
    for (let step = this.ladder.poll(); step !== undefined; step = this.ladder.poll()) {
      this.#take(step);
    }
  }

  #take(step: LadderStep): void {
    if (step.type === 'probe' || step.type === 'read') {
      this.probes += step.type === 'probe' ? 1 : 0;

      if (this.hears(this.now)) {
        this.ladder.heard(this.now);
      }
    } else if (step.type === 'restart') {
      this.#restart(step.cause);
    } else if (step.type === 'ask') {
      this.happened.push([this.now, `ask ${step.attempt}: ${step.reason}`]);
      this.at(this.now + 1000, () => this.ladder.answered(this.now));
    } else if (step.type === 'recovered') {
      this.happened.push([this.now, `recovered after ${step.attempts}`]);
    } else {
      this.happened.push([this.now, `failed: ${step.reason}`]);
    }
  }

  #restart(cause: string): void {
    const outcome = this.restart(this.restarts.length + 1);

    if (outcome === 'no network') {
      this.at(this.now, () => this.ladder.notRestarted(false, this.now));
      return;
    } else if (outcome === 'hangs') {
      return;
    }

    this.happened.push([this.now, `restart ${this.ladder.began()}: ${cause}`]);
    this.at(this.now + 5, () =>
      outcome === 'restarted' ? this.ladder.restarted(this.now) : this.ladder.notRestarted(true, this.now),
    );
  }
}
