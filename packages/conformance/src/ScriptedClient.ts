import type { Frame, Ping, Pong } from '@mediasoup-heartbeat/protocol';
import type { Trial } from './Trial.ts';

/** The client side of a case whose implementation plays the server. It does only what the case says. */
export class ScriptedClient {
  /** Whether it answers each ping at once. */
  answers = true;
  /** What its pongs say besides the ping's number and token. */
  pong: Partial<Pong> = {};
  /** Which pings it answers while it answers. */
  picks: (ping: Ping) => boolean = () => true;
  readonly #trial: Trial;
  readonly #seen: number[] = [];

  constructor(trial: Trial) {
    this.#trial = trial;
    trial.onFrame = frame => this.#onFrame(frame);
  }

  /** Accepts the heartbeat, opens the channel and says hello. */
  async open(): Promise<void> {
    await this.offered();
    this.#trial.say('accept {"version":1}');
    this.#trial.say('open');
    this.hello();
  }

  /** Opens, answers, and becomes alive. */
  async begin(): Promise<void> {
    await this.open();
    await this.#trial.expectState('HB-JUDGE-2', 'alive');
  }

  /** Waits for the offer. */
  async offered(): Promise<unknown> {
    return JSON.parse(
      await this.#trial.expect('HB-NEG-1', 'expected an offer', ({ word, rest }) => word === 'offer' && rest),
    );
  }

  hello(instance = 1): void {
    this.#trial.send({ type: 'hello', instance, hidden: 0 });
  }

  /** Answers a ping. */
  answer(ping: Ping, fields: Partial<Pong> = {}): void {
    const { seq, token } = ping;

    this.#trial.send({
      type: 'pong',
      seq,
      token,
      hold: 0,
      seen: this.#seenBefore(seq),
      ...this.pong,
      ...fields,
    });
  }

  #onFrame(frame: Frame): void {
    if (frame.type !== 'ping') {
      return;
    }

    this.#seen.push(frame.seq);

    if (this.answers && this.picks(frame)) {
      this.answer(frame);
    }
  }

  #seenBefore(seq: number): number {
    let bits = 0;

    for (const other of this.#seen) {
      const back = seq - other - 1;

      bits |= back >= 0 && back < 32 ? 1 << back : 0;
    }

    return bits >>> 0;
  }
}
