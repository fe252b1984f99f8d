import { listen, type Undo } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import type { ConnectInterception } from './ConnectInterception.ts';
import { type ConnectAnswer, ConnectQuestion, type Emitter } from './ConnectQuestion.ts';
import { handlerOf } from './handler.ts';
import { negotiationLog } from './logs.ts';
import { later, type Timer } from './timer.ts';

/**
 * How long an operation of the application waits for the answer to an earlier question, in ms since that was asked. No signalling
 * takes longer: then the answer was lost, and the operation asks again.
 */
const PATIENCE = 3000;

/**
 * When to try again to connect an idle transport after the application could not, in ms. Often enough if the signalling was down for a
 * moment, and rarely enough if the application means it. Then no more.
 */
const RETRY_AFTER: readonly number[] = [1000, 2000, 4000, 8000, 16_000, 30_000];

/** What the idle connect asks of the negotiation. */
export type IdleConnectHost = {
  /** Whether the own call has not begun. */
  isWaiting(): boolean;
  /** The transport is idle: makes the own call. To be followed by {@link IdleConnect.ask}. */
  begin(): void;
  /** The application has connected the transport: the own call can go on. */
  granted(): void;
  /** The application did not connect it, or not yet. */
  refused(): void;
};

/** Connects a transport that has a `connect` listener of the application, but is not used. */
export class IdleConnect {
  readonly #transport: types.Transport;
  readonly #connect: ConnectInterception;
  readonly #host: IdleConnectHost;
  /** `false`: nothing is asked, or nothing any more. */
  #after: number | false = false;
  #isUsed = false;
  #question: ConnectQuestion | undefined;
  #timer: Timer | undefined;
  #unlisten: Undo = () => {};
  #retries = 0;

  constructor(transport: types.Transport, connect: ConnectInterception, host: IdleConnectHost) {
    this.#transport = transport;
    this.#connect = connect;
    this.#host = host;
  }

  /** Whether the transport is to be connected now. */
  get isDue(): boolean {
    return this.#host.isWaiting() && this.#mayAsk && this.#transport.listenerCount('connect') > 0;
  }

  /** Connects the transport so many ms after it has a `connect` listener. `false`: never. */
  start(after: number | false): void {
    this.stop();
    this.#after = after;

    if (after === false) {
      return;
    }

    const emitter = this.#transport as unknown as Emitter;
    const arm = () => {
      this.#timer ??= later(() => {
        this.#timer = undefined;

        if (this.isDue) {
          this.#host.begin();
        }
      }, after);
    };
    const onNewListener = (event: string) => {
      if (event === 'connect') {
        arm();
      }
    };

    this.#unlisten = listen(emitter, 'newListener', onNewListener);

    if (this.#transport.listenerCount('connect') > 0) {
      arm();
    }
  }

  /** Asks nothing until it is started again. */
  stop(): void {
    this.#after = false;
    this.#unlisten();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The application has begun an operation: nothing is asked for an idle transport from now on. */
  use(): void {
    this.#isUsed = true;
  }

  /** Asks the application to connect the transport, if the own call is held. */
  ask(): void {
    const { heldParameters } = this.#connect;

    if (heldParameters === undefined || this.#question !== undefined || !this.#mayAsk) {
      return;
    }

    const question = new ConnectQuestion(this.#transport, heldParameters);
    // Not sooner: without a listener, operations of a transport that is still `new` throw.
    const forget = listen(handlerOf(this.#transport), '@connectionstatechange', () => {
      forget();
      question.useUp();
    });

    this.#question = question;
    negotiationLog('%s idle: the application is asked to connect', this.#transport.id);
    // Not awaited: what the application queues or restarts meanwhile must not wait for the answer.
    question.answer.then(answer => this.#onAnswer(answer));
  }

  /**
   * Connects the transport for an operation of the application: by the answer to the question if there is one in time, else
   * by asking again.
   *
   * @throws what the application answered: the operation fails with it, as it would by itself
   */
  async connectForOperation(): Promise<void> {
    const question = this.#question;
    const answer = question && (await answerInTime(question));

    if (answer?.outcome === 'refused') {
      throw answer.error;
    } else if (answer?.outcome !== 'granted') {
      await new Promise<void>((resolve, reject) => {
        question?.answer.then(late => late.outcome === 'granted' && resolve());
        this.#connect.ask(resolve, reject);
      });
    }
  }

  get #mayAsk(): boolean {
    return this.#after !== false && !this.#isUsed;
  }

  async #onAnswer(answer: ConnectAnswer): Promise<void> {
    negotiationLog('%s idle: the answer is %s', this.#transport.id, answer.outcome);

    if (answer.outcome === 'granted') {
      const { parameters } = answer;

      if (!parameters.isRead) {
        negotiationLog('%s idle: the application has not read the DTLS parameters yet', this.#transport.id);
        // The browser would go ahead and the server not answer, and SCTP would try again ever less often.
        this.#host.refused();
        await parameters.read;
      }

      if (this.#connect.isHeld) {
        this.#host.granted();
      }
    } else {
      // The waiting operation has got this answer. The next one asks by itself.
      this.#question = undefined;
      this.#host.refused();
      this.#retry();
    }
  }

  #retry(): void {
    const after = RETRY_AFTER[this.#retries++];

    if (after !== undefined && this.#connect.isHeld) {
      negotiationLog('%s idle: asked again in %d ms', this.#transport.id, after);
      this.#timer = later(() => this.ask(), after);
    }
  }
}

/** The answer to a question that was asked without an operation, for one that waits for it. `undefined`: not in time. */
async function answerInTime(question: ConnectQuestion): Promise<ConnectAnswer | undefined> {
  let timer: Timer | undefined;
  const patience = new Promise<undefined>(resolve => {
    timer = later(() => resolve(undefined), Math.max(0, question.askedAt + PATIENCE - performance.now()));
  });

  question.adopt();

  const answer = await Promise.race([question.answer, patience]);

  clearTimeout(timer);

  if (answer !== undefined && answer.outcome !== 'granted') {
    question.useUp();
  }

  return answer;
}
