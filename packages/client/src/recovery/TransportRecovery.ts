import type { Recovered, Recovering, RecoveryCause, RecoveryFailed } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { now } from '../clock.ts';
import { handlerOf } from '../handler.ts';
import { recoveryLog } from '../logs.ts';
import type { ClientPath } from '../readPath.ts';
import { later, type Timer } from '../timer.ts';
import { Ladder, type LadderStep } from './Ladder.ts';
import { LocalRestart } from './LocalRestart.ts';
import { hasNetwork } from './localNetwork.ts';
import type { ResolvedRecoverOptions } from './RecoverOptions.ts';

/** The events of a recovery. */
type RecoveryEvents = {
  recovering: [Recovering];
  recovered: [Recovered];
  recoveryfailed: [RecoveryFailed];
};

/** What a recovery asks of its heartbeat. */
export type RecoveryHost = {
  readPath(): Promise<ClientPath>;
  /** Makes the server answer. */
  probe(): void;
  tell<K extends keyof RecoveryEvents>(event: K, ...args: RecoveryEvents[K]): void;
  /** The usual round trip, in ms. */
  readonly rtt: number;
  /** When the server was heard last. 0: never. */
  readonly lastSeenAt: number;
};

/** Restores the path of one transport. {@link Ladder} decides when, {@link LocalRestart} does it. */
export class TransportRecovery {
  readonly #transport: types.Transport;
  readonly #options: ResolvedRecoverOptions;
  readonly #host: RecoveryHost;
  readonly #local: LocalRestart;
  readonly #ladder: Ladder;
  readonly #isFirefox: boolean;
  /** When the server was heard last before the path was lost. */
  #seenAt = 0;
  #received: { of: string | undefined; count: number } | undefined;
  #isReading = false;
  #isClosed = false;
  #timer: Timer | undefined;
  #askTimer: Timer | undefined;
  /** How often the application was asked, and which of these questions gave the parameters in use. */
  #asked = 0;
  #used = 0;

  constructor(transport: types.Transport, options: ResolvedRecoverOptions, host: RecoveryHost) {
    const { restart, giveUpAfter } = options;

    this.#transport = transport;
    this.#options = options;
    this.#host = host;
    this.#local = new LocalRestart(transport);
    this.#isFirefox = handlerOf(transport).name.startsWith('Firefox');
    this.#ladder = new Ladder({
      canRestart: this.#local.isPossible,
      canAsk: restart !== undefined,
      giveUpAfter,
      isLibwebrtc: !this.#isFirefox,
    });
  }

  /** Whether the path is lost, and being restored. */
  get isAway(): boolean {
    return this.#ladder.isAway;
  }

  /** Whether pings matter to it now. */
  get isIdle(): boolean {
    return this.#ladder.isIdle;
  }

  /** Whether the restart that the handler is called for is the library's own. */
  get isRestarting(): boolean {
    return this.#local.isRunning;
  }

  /** The heartbeat, or ICE, doubts the server. */
  doubted(cause: RecoveryCause): void {
    this.#begin((ladder, rtt, at) => ladder.doubted(cause, rtt, at));
  }

  /** A restart would not help: the server has said goodbye, for example. */
  stop(): void {
    this.feed(ladder => ladder.stop());
  }

  /** Pings are missing. */
  uneasy(): void {
    this.#begin((ladder, rtt, at) => ladder.uneasy(rtt, at));
  }

  /** The browser has given up the connection. */
  iceFailed(): void {
    this.#begin((ladder, _, at) => ladder.iceFailed(at));
  }

  /** The browser has closed the channel with its connection. */
  channelLost(): void {
    this.#begin((ladder, _, at) => ladder.channelLost(at));
  }

  /** The network may have changed. `isSure`: it has. */
  hinted(cause: RecoveryCause, isSure = false): void {
    recoveryLog('%s hint: %s', this.#transport.id, cause);
    this.#begin((ladder, rtt, at) => ladder.hinted(cause, isSure, rtt, at));
  }

  /** Gives the ladder an input, and does what follows from it. */
  feed(input: (ladder: Ladder, now: number) => void): void {
    if (this.#isClosed) {
      return;
    }

    const wasAway = this.isAway;

    input(this.#ladder, now());

    if (this.isAway && !wasAway) {
      this.#seenAt = this.#host.lastSeenAt || now();
    }

    // A listener may close it.
    for (let step = this.#ladder.poll(); step !== undefined && !this.#isClosed; step = this.#ladder.poll()) {
      this.#take(step);
    }

    this.#arm();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#askTimer);
  }

  /** Gives the ladder an input that may be the first one. */
  #begin(input: (ladder: Ladder, rtt: number, now: number) => void): void {
    const { rtt, lastSeenAt } = this.#host;

    this.feed((ladder, at) => {
      if (lastSeenAt > 0) {
        ladder.heard(lastSeenAt);
      }

      input(ladder, rtt, at);
    });
  }

  #arm(): void {
    const { nextTimeout } = this.#ladder;

    clearTimeout(this.#timer);

    if (nextTimeout < Number.POSITIVE_INFINITY && !this.#isClosed) {
      this.#timer = later(
        () => this.feed((ladder, at) => ladder.handleTimeout(at)),
        Math.max(0, nextTimeout - now()),
      );
    }
  }

  #take(step: LadderStep): void {
    if (step.type === 'probe') {
      this.#received = undefined;
      this.#read();
      this.#host.probe();
    } else if (step.type === 'read') {
      this.#read();
    } else if (step.type === 'restart') {
      this.#restart(step.cause);
    } else if (step.type === 'ask') {
      this.#ask(step);
    } else if (step.type === 'recovered') {
      const { attempts, lostAt, restoredAt } = step;
      const at = now();

      // Whether it is another address, too.
      this.#read();
      this.#tell('recovered', {
        attempts,
        outage: at - this.#seenAt,
        restoredIn: restoredAt && restoredAt - lostAt,
        provenIn: at - lostAt,
        at,
      });
    } else {
      const { reason, attempts } = step;

      this.#tell('recoveryfailed', { reason, attempts, at: now() });
    }
  }

  #tell<K extends keyof RecoveryEvents>(event: K, payload: RecoveryEvents[K][0]): void {
    recoveryLog('%s %s: %j', this.#transport.id, event, payload);
    this.#host.tell(event, ...([payload] as RecoveryEvents[K]));
  }

  #read(): void {
    if (!this.#isReading) {
      this.#isReading = true;
      this.#host.readPath().then(
        ({ received, path, quietFor }) => {
          const before = this.#received;
          const at = now();

          this.#isReading = false;
          this.#received = { of: path, count: received };

          if (before !== undefined && before.of === path && received > before.count) {
            this.feed(ladder => ladder.heard(at));
          } else if (quietFor !== undefined) {
            this.feed(ladder => ladder.heard(at - quietFor));
          }
        },
        // The transport is closed, or the browser has no counters now.
        () => {
          this.#isReading = false;
        },
      );
    }
  }

  async #restart(cause: RecoveryCause): Promise<void> {
    if (!this.#isFirefox || (await hasNetwork().catch(() => true))) {
      await this.#run(cause);
    } else {
      this.feed((ladder, at) => ladder.notRestarted(false, at));
    }
  }

  async #run(cause: RecoveryCause, iceParameters?: types.IceParameters): Promise<void> {
    try {
      const hasRun = await this.#local.run(() => this.#announce(cause), iceParameters);

      this.feed((ladder, at) => (hasRun ? ladder.restarted(at) : ladder.notRestarted(false, at)));
    } catch (error) {
      recoveryLog('%s not restarted: %s', this.#transport.id, error);
      this.feed((ladder, at) => ladder.notRestarted(true, at));
    }
  }

  /** Tells of a restart whose turn has come. Returns whether it is still wanted. */
  #announce(cause: RecoveryCause): boolean {
    const at = now();

    // The application may have restarted ICE while this one waited for its turn.
    if (cause !== 'application' && this.#ladder.isApplicationsTurn(at)) {
      return false;
    }

    if (this.isAway && !this.#isClosed) {
      const attempt = this.#ladder.began();

      this.#tell('recovering', { cause, attempt, at, silentFor: at - this.#seenAt });
    }

    // A listener may have closed it.
    return this.isAway && !this.#isClosed;
  }

  async #ask({ reason, attempt }: LadderStep & { type: 'ask' }): Promise<void> {
    const transport = this.#transport;
    const asked = ++this.#asked;
    // An answer that comes after the next question is no answer to that.
    const answered = () => asked === this.#asked && this.feed((ladder, at) => ladder.answered(at));

    clearTimeout(this.#askTimer);
    this.#askTimer = later(answered, this.#options.restartTimeout);

    try {
      const iceParameters = await this.#options.restart?.({ transport, reason, attempt });

      // With newer parameters in use, the server does not know these any more.
      if (iceParameters !== undefined && this.isAway && asked > this.#used) {
        checkIceParameters(iceParameters);
        this.#used = asked;
        await this.#run('application', iceParameters);
      }
    } catch (error) {
      console.error('mediasoup-heartbeat: recover.restart() failed', error);
    }

    if (asked === this.#asked) {
      clearTimeout(this.#askTimer);
    }

    answered();
  }
}

/** RFC 8839 §5.4. libwebrtc never gets over a session description that it has refused. */
const USERNAME_FRAGMENT = /^[\w+/]{4,256}$/;
const PASSWORD = /^[\w+/]{22,256}$/;

function checkIceParameters({ usernameFragment, password }: types.IceParameters): void {
  if (!USERNAME_FRAGMENT.test(usernameFragment) || !PASSWORD.test(password)) {
    throw new TypeError(
      "recover.restart() must return what the server's transport.restartIce() returns, or undefined.",
    );
  }
}
