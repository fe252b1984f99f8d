import { MAX_TICKS, type Ping, type Pong } from '@mediasoup-heartbeat/protocol';
import type { Trial } from './Trial.ts';

/** The server side of a case whose implementation plays the client. It does only what the case says. */
export class ScriptedServer {
  readonly #trial: Trial;
  #pinging: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(trial: Trial) {
    this.#trial = trial;
  }

  /** Offers the heartbeat, and opens the channel once the client has accepted. */
  async open(): Promise<void> {
    const { interval } = this.#trial;

    this.#trial.say(`offer ${JSON.stringify({ versions: [1], streamId: 100, interval })}`);
    await this.#trial.expect('HB-NEG-2', 'expected an acceptance', ({ word }) => word === 'acceptance');
    this.#trial.say('open');
  }

  /** Opens, and gets the first pong. */
  async begin(): Promise<void> {
    await this.open();
    await this.pinged();
    await this.#trial.expectState('HB-JUDGE-2', 'alive');
  }

  /** Sends a ping: the next one, unless fields say otherwise. */
  ping(fields: Partial<Ping> = {}): Ping {
    const ping: Ping = {
      type: 'ping',
      seq: this.#next,
      token: tokenOf(fields.seq ?? this.#next),
      ack: 0,
      ackHold: MAX_TICKS,
      pongs: 0,
      ...fields,
    };

    this.#next = (ping.seq + 1) % 65_536;
    this.#trial.send(ping);

    return ping;
  }

  /** Sends a ping and waits for its pong. Without one that requirement is broken. */
  async pinged(fields: Partial<Ping> = {}, requirement = 'HB-PONG-1'): Promise<Pong> {
    const since = this.#trial.now;
    const { seq, token } = this.ping(fields);
    const pong = await this.#trial.expectFrame(requirement, 'pong', {
      since,
      where: pong => pong.seq === seq,
    });

    this.#trial.check('HB-PONG-1', pong.token === token, `the pong to ping ${seq} repeats its token`);

    return pong;
  }

  /** Pings once an interval until {@link fallSilent}. */
  goOn(): void {
    this.#pinging ??= setInterval(() => this.ping(), this.#trial.interval);
  }

  fallSilent(): void {
    clearInterval(this.#pinging);
    this.#pinging = undefined;
  }
}

/** A token for each number that no implementation could have guessed from the one before. */
export function tokenOf(seq: number): number {
  return Math.imul(seq + 1, 0x9e3779b1) >>> 0;
}
