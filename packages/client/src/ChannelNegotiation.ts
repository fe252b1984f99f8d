import { type Acceptance, CHANNEL_LABEL, STREAM_OPTIONS } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { ConnectQuestion } from './ConnectQuestion.ts';
import { override, type Undo } from './override.ts';
import { later, type Timer } from './timer.ts';

// How the heartbeat gets a DataChannel on the association of a transport without the application noticing.
// This is the only file that touches `transport.handler`.
//
// mediasoup-client (3.7.0 to 3.24.1) hides the RTCDataChannel of a DataProducer or DataConsumer, and makes
// none without events and signalling. But `transport.handler` is a public getter, and the handler has public
// sendDataChannel() and receiveDataChannel() that return one. Two things have to be right about calling them:
//
// - They renegotiate the session, so nothing else of the transport may do so meanwhile: they are called
//   inside the transport's own queue of operations only, or inside an operation that is in it already.
// - The first call on a transport connects it by the application's `connect` listener. If that fails, the
//   handler's call has failed for good, and its half-made channel is in the way of all that follow. So the
//   heartbeat's own call is held where it waits for the answer, until an answer is good: it outlives the
//   operation that it was made in, and each later operation of the application asks again, and gets its own
//   error, as it would by itself.

/** Why there is no channel. */
export type ChannelFailure =
  /** The stream id is in use, or out of reach: a sending transport counts its ids up from 0. */
  | 'stream-id-taken'
  /** The transport was closed. */
  | 'closed'
  /** The browser refused. */
  | 'refused';

/** What is to be negotiated. */
export type ChannelOptions = {
  /** The SCTP stream id that the server has chosen. */
  streamId: number;
  /** What the server is told in the `dtlsParameters` of the `connect` event. `undefined`: the application tells it. */
  acceptance: Acceptance | undefined;
  /** Connect a transport that the application leaves idle, so many ms after it has a `connect` listener. */
  connectIdleAfter: number | false;
};

/** What the negotiation tells its owner. In the end one of `negotiated` and `failed` is called, once. */
export type ChannelHost = {
  /** The channel is there. It opens when the transport has connected. */
  negotiated(channel: RTCDataChannel): void;
  /** The application did not connect the transport. It may be connected yet. */
  refused(): void;
  /** There will be none. */
  failed(reason: ChannelFailure): void;
};

// biome-ignore lint/suspicious/noExplicitAny: the signatures differ between the versions of mediasoup-client
type HandlerMethod = (...args: any[]) => Promise<any>;

type ConnectListener = (
  event: { dtlsParameters: object },
  callback: () => void,
  errback: (error: Error) => void,
) => void;

const OPERATIONS = ['send', 'receive', 'sendDataChannel', 'receiveDataChannel'] as const;

type Operation = (typeof OPERATIONS)[number];

/** What is used of a handler: public, and the same in all versions and for all browsers. */
type Handler = {
  [_ in Operation | 'stopSending' | 'restartIce' | 'updateIceServers']: HandlerMethod;
} & {
  close(): void;
  listeners(event: '@connect'): ConnectListener[];
  on(event: '@connect', listener: ConnectListener): unknown;
  on(event: '@connectionstatechange', listener: (state: RTCPeerConnectionState) => void): unknown;
  off(event: '@connect', listener: ConnectListener): unknown;
  off(event: '@connectionstatechange', listener: (state: RTCPeerConnectionState) => void): unknown;
};

/** An emitter, without the names of the events that its type knows. */
type Emitter = {
  on(event: string, listener: (event: string) => void): unknown;
  off(event: string, listener: (event: string) => void): unknown;
};

/** The heartbeat's own call, waiting at `@connect`. */
type Held = { dtlsParameters: object; goOn: () => void };

/** How many stream ids below its own the heartbeat uses up on a sending transport. Measured to work up to 8. */
const MAX_BURNT_IDS = 8;

/**
 * How long an operation of the application waits for the answer to a question that was asked without it, in
 * ms since that. Longer than any signalling takes: the answer was lost, and the operation asks for itself.
 */
const PATIENCE = 3000;

/**
 * When an idle transport that the application could not connect is tried again, in ms since it answered so: often
 * enough for a signalling that was down for a moment, seldom enough for one that means it, and then no more.
 */
const RETRY_AFTER: readonly number[] = [1000, 2000, 4000, 8000, 16_000, 30_000];

/**
 * Negotiates one channel. Two ways lead to it:
 *
 * - Riding along: the application's first operation connects the transport as ever, and the heartbeat's
 *   channel is made behind it, or, where it is the first of a sending transport's DataProducers, ahead of
 *   it: such a transport counts its stream ids up, and the heartbeat's is lower than the application's.
 * - Connecting an idle transport by itself: with a {@link ConnectQuestion}.
 */
export class ChannelNegotiation {
  readonly #transport: types.Transport;
  readonly #handler: Handler;
  #options: ChannelOptions;
  #host: ChannelHost;
  readonly #undos: Undo[] = [];
  /** The handler's methods as they were. */
  readonly #native = {} as Record<Operation | 'restartIce', HandlerMethod>;
  /** The transport's own listeners of the handler's `@connect`: they emit `connect` to the application. */
  readonly #connectListeners: ConnectListener[];
  /**
   * - `waiting`: nothing has been done.
   * - `starting`: in the own handler call, before `@connect`.
   * - `held`: in the own handler call, at `@connect`. The transport's queue is free.
   * - `finishing`: in the own handler call, behind `@connect`.
   * - `over`: there is a channel, or there never will be.
   */
  #stage: 'waiting' | 'starting' | 'held' | 'finishing' | 'over' = 'waiting';
  /** Whether the application has begun an operation: nothing is asked for an idle transport from then on. */
  #used = false;
  /** Whether the application wants no heartbeat any more: nothing is asked meanwhile. */
  #cancelled = false;
  #queued = false;
  /** What waits in the transport's queue, by the array that stands for it there. */
  readonly #jobs = new Map<unknown, () => Promise<void>>();
  #undoJobs: Undo = () => {};
  /** Whether the server may have been told of this half. */
  #promised = false;
  /** Whether the application has connected the transport. */
  #connected: boolean;
  #held: Held | undefined;
  #onHeld: () => void = () => {};
  /** The own handler call. Never rejects. */
  #call: Promise<void> = Promise.resolve();
  #question: ConnectQuestion | undefined;
  #idleTimer: Timer | undefined;
  #undoIdle: Undo = () => {};
  #retries = 0;
  #stopSending: Promise<unknown> = Promise.resolve();
  #lateIceParameters: unknown;

  constructor(transport: types.Transport, options: ChannelOptions, host: ChannelHost) {
    this.#transport = transport;
    this.#handler = handlerOf(transport);
    this.#options = options;
    this.#host = host;
    this.#connectListeners = this.#handler.listeners('@connect');
    this.#connected = transport.connectionState !== 'new';

    if (transport.direction === 'send' && options.streamId > MAX_BURNT_IDS) {
      // Before anything is accepted: the server half goes on as without a client half.
      this.#fail('stream-id-taken');
      return;
    }

    this.#takeOverConnect();
    this.#wrapHandler();
    this.#undos.push(
      beforeClose(transport, () => this.#fail('closed')),
      () => this.#undoIdle(),
    );

    if (this.#connected) {
      // Attached late, by hand: there is no first operation to ride along in, and nothing left to accept.
      this.#enqueue();
    } else {
      this.#waitIdle();
    }
  }

  /** The application has been given the acceptance to pass on: from now on the server may wait for this half. */
  promise(): void {
    this.#promised = true;
  }

  /** Gives up, unless the server may have been told of this half: it would wait for it in vain. */
  cancel(): void {
    this.#cancelled = true;

    if (!this.#promised) {
      this.#fail('closed');
    }
  }

  /**
   * Goes on for another host after {@link cancel}, which could not stop it.
   *
   * @returns false where it is over
   */
  resume(host: ChannelHost, connectIdleAfter: number | false): boolean {
    if (this.#stage === 'over') {
      return false;
    }

    this.#host = host;
    this.#options = { ...this.#options, connectIdleAfter };
    this.#cancelled = false;

    this.#undoIdle();
    this.#waitIdle();
    this.#askForIdle();

    return true;
  }

  /** Stands between the handler and the transport: adds the acceptance, and holds the own call. */
  #takeOverConnect(): void {
    const handler = this.#handler;
    const onConnect: ConnectListener = ({ dtlsParameters }, callback, errback) => {
      const { acceptance } = this.#options;

      // Also without an acceptance: the server may take the connection for one.
      this.#promised = true;

      if (acceptance !== undefined) {
        // The application relays it like the rest of the object. This is how the server learns of this half.
        Object.assign(dtlsParameters, { heartbeat: { ...acceptance } });
      }

      if (this.#stage === 'starting') {
        this.#stage = 'held';
        this.#held = { dtlsParameters, goOn: callback };
        this.#onHeld();
      } else {
        this.#emitConnect(dtlsParameters, callback, errback);
      }
    };

    for (const listener of this.#connectListeners) {
      handler.off('@connect', listener);
    }

    handler.on('@connect', onConnect);
    this.#undos.push(() => {
      handler.off('@connect', onConnect);

      for (const listener of this.#connectListeners) {
        handler.on('@connect', listener);
      }
    });
  }

  #emitConnect(dtlsParameters: object, callback: () => void, errback: (error: Error) => void): void {
    const refuse = (error: Error) => {
      errback(error);
      this.#host.refused();
    };

    const connected = () => {
      this.#connected = true;
      callback();
    };

    for (const listener of this.#connectListeners) {
      listener({ dtlsParameters }, connected, refuse);
    }
  }

  #wrapHandler(): void {
    const handler = this.#handler;

    for (const operation of OPERATIONS) {
      this.#native[operation] = handler[operation].bind(handler);
      this.#undos.push(override(handler, operation, (...args) => this.#operate(operation, args)));
    }

    const restartIce = handler.restartIce.bind(handler);
    const stopSending = handler.stopSending.bind(handler);

    this.#native.restartIce = restartIce;
    this.#undos.push(
      override(handler, 'restartIce', iceParameters => {
        if (this.#stage === 'held') {
          this.#lateIceParameters = iceParameters;
        }

        return restartIce(iceParameters);
      }),
      // produce() whose `produce` listener failed calls it without waiting for it, outside of the queue.
      override(handler, 'stopSending', localId => {
        const stopped = stopSending(localId);

        this.#stopSending = stopped.catch(() => {});

        return stopped;
      }),
    );
  }

  /** An operation of the application, inside the transport's queue. */
  async #operate(operation: Operation, args: unknown[]): Promise<unknown> {
    this.#used = true;

    if (this.#stage === 'waiting' && operation === 'sendDataChannel') {
      await this.#start();
    }

    if (this.#stage === 'held') {
      await this.#connectForApplication();
    }

    try {
      const result = await this.#native[operation](...args);

      this.#connected = true;

      return result;
    } finally {
      // Also where it failed, once the application had connected: the server waits for the heartbeat by now.
      if (this.#connected) {
        this.#enqueue();
      }
    }
  }

  /** Makes the channel in the transport's queue, behind what the application has queued by then. */
  #enqueue(): void {
    if (this.#stage === 'waiting' && !this.#queued) {
      this.#queued = true;
      this.#inQueue(() => this.#startWaiting());
    }
  }

  /** Makes the channel, unless an operation that was queued before has done so. */
  async #startWaiting(): Promise<void> {
    if (this.#stage === 'waiting') {
      await this.#start();
    }
  }

  /**
   * Runs a job as one of the transport's operations, one at a time and in order, by one of its public
   * methods, the one that does least: transport.updateIceServers() emits nothing, is there in all versions,
   * for all browsers and both directions, and hands the very array that it was given to the handler.
   */
  #inQueue(job: () => Promise<void>): void {
    const token: RTCIceServer[] = [];
    const handler = this.#handler;

    if (this.#jobs.size === 0) {
      const updateIceServers = handler.updateIceServers.bind(handler);

      // One for all that wait at a time: each with its own would not be undone in the order in which they were made.
      this.#undoJobs = override(handler, 'updateIceServers', iceServers =>
        (this.#jobs.get(iceServers) ?? updateIceServers)(iceServers),
      );
    }

    this.#jobs.set(token, job);
    this.#transport
      .updateIceServers({ iceServers: token })
      // A queue that is stopped rejects: the transport was closed, which has been told.
      .catch(() => this.#fail('closed'))
      .finally(() => {
        this.#jobs.delete(token);

        if (this.#jobs.size === 0) {
          this.#undoJobs();
        }
      });
  }

  /** Makes the own handler call, inside the queue, until it is held or through. */
  async #start(): Promise<void> {
    await this.#stopSending;

    if (this.#stage !== 'waiting') {
      // It was cancelled meanwhile.
      return;
    }

    this.#stage = 'starting';

    const held = new Promise<void>(resolve => {
      this.#onHeld = resolve;
    });

    this.#call = this.#open().then(
      channel => this.#succeed(channel),
      error => this.#fail(error instanceof StreamIdTaken ? 'stream-id-taken' : 'refused'),
    );
    await Promise.race([held, this.#call]);
  }

  async #open(): Promise<RTCDataChannel> {
    const { streamId } = this.#options;
    const named = { label: CHANNEL_LABEL, protocol: CHANNEL_LABEL };

    if (this.#transport.direction === 'recv') {
      const { dataChannel } = await this.#native.receiveDataChannel({
        sctpStreamParameters: { streamId, ...STREAM_OPTIONS },
        ...named,
      });

      return dataChannel;
    }

    for (;;) {
      // Flat arguments are those of mediasoup-client up to 3.18, nested ones those since 3.19. Neither of
      // them lets a stream id be chosen: ids count up from 0, so that those below the wanted one are used up.
      const { dataChannel, sctpStreamParameters } = await this.#native.sendDataChannel({
        ...STREAM_OPTIONS,
        ...named,
        sctpStreamParameters: { ...STREAM_OPTIONS, ...named },
      });

      if (sctpStreamParameters.streamId === streamId) {
        return dataChannel;
      }

      dataChannel.close();

      if (sctpStreamParameters.streamId > streamId) {
        throw new StreamIdTaken();
      }
    }
  }

  /**
   * Connects on behalf of an operation of the application, and finishes the own call.
   *
   * @throws what the application answered: the operation fails with it, as it would by itself
   */
  async #connectForApplication(): Promise<void> {
    const answer = await this.#answerInTime();

    if (answer?.outcome === 'refused') {
      throw answer.error;
    } else if (answer?.outcome !== 'granted') {
      // As the handler would: with parameters of its own, through the transport's own event.
      await new Promise<void>((resolve, reject) => {
        this.#question?.answer.then(late => late.outcome === 'granted' && resolve());
        this.#emitConnect({ ...this.#held?.dtlsParameters }, resolve, reject);
      });
    }

    await this.#finish();
  }

  /** The answer to the question that was asked for the idle transport, where there was one. */
  async #answerInTime() {
    const question = this.#question;

    if (question === undefined) {
      return undefined;
    }

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

  /** Lets the own call go on behind `@connect`, inside the queue, until it is through. */
  async #finish(): Promise<void> {
    if (this.#stage === 'held') {
      this.#stage = 'finishing';
      this.#held?.goOn();
    }

    await this.#call;

    const iceParameters = this.#lateIceParameters;

    if (iceParameters !== undefined && this.#transport.direction === 'recv') {
      // The own call of a receiving transport took the server's ICE parameters before it was held. The
      // application has restarted ICE since then.
      this.#lateIceParameters = undefined;
      await this.#native.restartIce(iceParameters);
    }
  }

  /** Connects the transport if the application has a `connect` listener, but uses it for nothing. */
  #waitIdle(): void {
    const emitter = this.#transport as unknown as Emitter;
    const after = this.#options.connectIdleAfter;

    if (after === false) {
      return;
    }

    const arm = () => {
      this.#idleTimer ??= later(() => {
        this.#idleTimer = undefined;

        if (this.#isIdle) {
          this.#inQueue(() => this.#connectIdle());
        }
      }, after);
    };
    const onNewListener = (event: string) => {
      if (event === 'connect' && this.#stage === 'waiting' && this.#mayAsk) {
        arm();
      }
    };

    emitter.on('newListener', onNewListener);
    this.#undoIdle = () => {
      emitter.off('newListener', onNewListener);
      clearTimeout(this.#idleTimer);
      this.#idleTimer = undefined;
    };

    if (this.#transport.listenerCount('connect') > 0) {
      arm();
    }
  }

  get #mayAsk(): boolean {
    return !this.#used && !this.#cancelled && this.#options.connectIdleAfter !== false;
  }

  get #isIdle(): boolean {
    return this.#stage === 'waiting' && this.#mayAsk && this.#transport.listenerCount('connect') > 0;
  }

  async #connectIdle(): Promise<void> {
    if (!this.#isIdle) {
      return;
    }

    await this.#start();
    this.#askForIdle();
  }

  #askForIdle(): void {
    const held = this.#stage === 'held' && this.#question === undefined ? this.#held : undefined;

    if (held === undefined || !this.#mayAsk) {
      return;
    }

    const question = new ConnectQuestion(this.#transport, held.dtlsParameters);
    // Not sooner: without a listener, operations of a transport that is still `new` throw.
    const forget = onConnectionState(this.#transport, () => {
      forget();
      question.useUp();
    });

    this.#question = question;
    // Not awaited: whatever the application queues or restarts meanwhile must not wait for the answer.
    question.answer.then(async answer => {
      if (answer.outcome === 'granted') {
        const { parameters } = answer;

        if (!parameters.isRead) {
          // The browser would go ahead and the server not answer, and SCTP would try again ever less often.
          this.#host.refused();
          await parameters.read;
        }

        if (this.#stage === 'held') {
          this.#inQueue(() => this.#finish());
        }
      } else {
        // Whoever waits has got this answer. The next operation of the application asks by itself.
        this.#question = undefined;
        this.#host.refused();
        this.#retry();
      }
    });
  }

  #retry(): void {
    const after = RETRY_AFTER[this.#retries++];

    if (this.#stage === 'held' && after !== undefined) {
      this.#idleTimer = later(() => this.#askForIdle(), after);
    }
  }

  #succeed(channel: RTCDataChannel): void {
    if (this.#stage === 'over') {
      channel.close();
    } else {
      this.#end();
      this.#host.negotiated(channel);
    }
  }

  #fail(reason: ChannelFailure): void {
    if (this.#stage !== 'over') {
      this.#end();
      this.#host.failed(reason);
    }
  }

  /** Leaves the handler as it was. */
  #end(): void {
    this.#stage = 'over';

    for (const undo of this.#undos.splice(0)) {
      undo();
    }
  }
}

class StreamIdTaken extends Error {}

/** Calls back before the application closes a transport, while what is sent on its channels still leaves. */
export function beforeClose(transport: types.Transport, closing: () => void): Undo {
  const handler = handlerOf(transport);
  const close = handler.close.bind(handler);

  return override(handler, 'close', () => {
    closing();
    close();
  });
}

/** Calls back with each state of the connection. Not by the transport's own event, whose listeners are the application's. */
export function onConnectionState(
  transport: types.Transport,
  changed: (state: RTCPeerConnectionState) => void,
): Undo {
  const handler = handlerOf(transport);

  handler.on('@connectionstatechange', changed);

  return () => handler.off('@connectionstatechange', changed);
}

/** Calls back when the application restarts ICE. */
export function onRestartIce(transport: types.Transport, restarting: () => void): Undo {
  const handler = handlerOf(transport);
  const restartIce = handler.restartIce.bind(handler);

  return override(handler, 'restartIce', iceParameters => {
    restarting();

    return restartIce(iceParameters);
  });
}

function handlerOf(transport: types.Transport): Handler {
  return transport.handler as unknown as Handler;
}
