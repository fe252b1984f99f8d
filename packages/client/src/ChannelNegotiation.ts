import { type Acceptance, before, listen, override, type Undo } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { ConnectInterception } from './ConnectInterception.ts';
import { type Handler, handlerOf, OPERATIONS, type Operation } from './handler.ts';
import { IdleConnect } from './IdleConnect.ts';
import { negotiationLog } from './logs.ts';
import { OperationQueue } from './OperationQueue.ts';
import { isInReach, openChannel, StreamIdTaken } from './openChannel.ts';
import { later, type Timer } from './timer.ts';

/**
 * The first media have this long from the connection on, in ms. The own call renegotiates the session, and that would hold them up. Later
 * operations of the application go first, too.
 */
const FIRST_MEDIA = 100;

/** What is to be negotiated. */
export type ChannelOptions = {
  /** The SCTP stream id that the server has chosen. */
  streamId: number;
  /** What the server is told in the `dtlsParameters` of the `connect` event. `undefined`: the application tells it. */
  acceptance: Acceptance | undefined;
  /** Connect a transport that the application leaves idle, so many ms after it has a `connect` listener. */
  connectIdleAfter: number | false;
};

/** What the negotiation tells its owner. In the end one of `negotiated` and `failed` is called, unless it is given up. */
export type ChannelHost = {
  /** The channel is there. It opens when the transport has connected. */
  negotiated(channel: RTCDataChannel): void;
  /** The application did not connect the transport. It may be connected yet. */
  refused(): void;
  /** There will be none: the stream is the application's, or the browser refused. */
  failed(reason: 'stream-id-taken' | 'not-connected'): void;
};

/**
 * Gets a DataChannel on the association of a transport without the application noticing. Two ways lead to it:
 *
 * - Riding along: the application's first operation connects the transport as usual, and the heartbeat's channel is made
 *   after it: {@link FIRST_MEDIA} after the connection, if that was for media. On a sending transport, whose stream ids count up, it is made
 *   before the application's first DataProducer.
 * - Connecting an idle transport by itself, see {@link IdleConnect}.
 *
 * In both the own call (see {@link openChannel}) runs in the transport's queue. It is held where it asks to be connected (see
 * {@link ConnectInterception}), and the queue is free meanwhile.
 */
export class ChannelNegotiation {
  readonly #transport: types.Transport;
  readonly #streamId: number;
  #host: ChannelHost;
  readonly #queue: OperationQueue;
  readonly #connect: ConnectInterception;
  readonly #idle: IdleConnect;
  /** The handler's methods as they were. */
  readonly #native = {} as Pick<Handler, Operation | 'restartIce'>;
  readonly #undos: Undo[] = [];
  /** Whether the own call has begun, and whether all is over: there is a channel, or there never will be. */
  #stage: 'waiting' | 'opening' | 'over' = 'waiting';
  #isQueued = false;
  #isComing = false;
  /** The own call. Never rejects. */
  #call: Promise<void> = Promise.resolve();
  #stopSending: Promise<unknown> = Promise.resolve();
  #lateIceParameters: unknown;

  constructor(transport: types.Transport, options: ChannelOptions, host: ChannelHost) {
    const { streamId, acceptance, connectIdleAfter } = options;
    const refused = () => this.#host.refused();

    this.#transport = transport;
    this.#streamId = streamId;
    this.#host = host;
    this.#queue = new OperationQueue(transport);
    this.#connect = new ConnectInterception(transport, acceptance, refused);
    this.#idle = new IdleConnect(transport, this.#connect, {
      isWaiting: () => this.#stage === 'waiting',
      begin: () => this.#inQueue(() => this.#connectIdle()),
      granted: () => this.#inQueue(() => this.#finish()),
      refused,
    });

    if (!isInReach(transport, streamId)) {
      // Before anything is accepted: the server side goes on as without a client side.
      this.#fail(new StreamIdTaken());
      return;
    }

    this.#undos.push(
      this.#connect.takeOver(),
      ...this.#wrapHandler(),
      before(handlerOf(transport), 'close', () => this.#end()),
      () => this.#idle.stop(),
    );

    if (this.#connect.isConnected) {
      // Attached late, by hand: there is no first operation to ride along in, and nothing left to accept.
      this.#enqueue();
    } else {
      this.#idle.start(connectIdleAfter);
    }
  }

  /** The application has been given the acceptance to pass on: from now on the server may wait for this side. */
  promise(): void {
    this.#connect.isPromised = true;
  }

  /** Gives up, unless the server may have been told of this side: it would wait for it in vain. */
  cancel(): void {
    this.#idle.stop();

    if (!this.#connect.isPromised) {
      this.#end();
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
    this.#idle.start(connectIdleAfter);
    this.#idle.ask();

    return true;
  }

  #wrapHandler(): Undo[] {
    const handler = handlerOf(this.#transport);
    const stopSending = handler.stopSending.bind(handler);

    for (const method of [...OPERATIONS, 'restartIce'] as const) {
      this.#native[method] = handler[method].bind(handler);
    }

    return [
      ...OPERATIONS.map(operation =>
        override(handler, operation, (...args) => this.#operate(operation, args)),
      ),
      before(handler, 'restartIce', iceParameters => {
        if (this.#connect.isHeld) {
          this.#lateIceParameters = iceParameters;
        }
      }),
      // produce() whose `produce` listener failed calls it without waiting for it, outside of the queue.
      override(handler, 'stopSending', localId => {
        const stopped = stopSending(localId);

        this.#stopSending = stopped.catch(() => {});

        return stopped;
      }),
    ];
  }

  /** An operation of the application, inside the transport's queue. */
  async #operate(operation: Operation, args: unknown[]): Promise<unknown> {
    this.#idle.use();
    negotiationLog('%s the application calls %s()', this.#transport.id, operation);

    if (this.#stage === 'waiting' && operation === 'sendDataChannel') {
      await this.#start();
    }

    if (this.#connect.isHeld) {
      await this.#idle.connectForOperation();
      await this.#finish();
    }

    let hasMedia = false;

    try {
      const result = await this.#native[operation](...args);

      this.#connect.isConnected = true;
      hasMedia = operation === 'send' || operation === 'receive';

      return result;
    } finally {
      // Also where it failed, once the application had connected: the server waits for the heartbeat by now.
      if (this.#connect.isConnected) {
        this.#ride(hasMedia);
      }
    }
  }

  /** Makes the own call, after the first media if there are any. */
  #ride(hasMedia: boolean): void {
    if (!hasMedia) {
      this.#enqueue();
    } else if (this.#stage === 'waiting' && !this.#isComing) {
      let timer: Timer | undefined;
      const onState = (state: RTCPeerConnectionState) => {
        if (state === 'connected') {
          timer ??= later(() => this.#enqueue(), FIRST_MEDIA);
        }
      };

      this.#isComing = true;
      this.#undos.push(listen(handlerOf(this.#transport), '@connectionstatechange', onState), () =>
        clearTimeout(timer),
      );
      onState(this.#transport.connectionState as RTCPeerConnectionState);
    }
  }

  /** Makes the own call after what the application has queued by now, unless a queued operation makes it first. */
  #enqueue(): void {
    if (this.#stage === 'waiting' && !this.#isQueued) {
      this.#isQueued = true;
      this.#inQueue(() => this.#start());
    }
  }

  #inQueue(job: () => Promise<void>): void {
    this.#queue.run(job).catch(() => this.#end());
  }

  async #connectIdle(): Promise<void> {
    if (this.#idle.isDue) {
      await this.#start();
      this.#idle.ask();
    }
  }

  /** Makes the own call, inside the queue, until it is held or through. */
  async #start(): Promise<void> {
    await this.#stopSending;

    if (this.#stage !== 'waiting') {
      return;
    }

    this.#stage = 'opening';
    negotiationLog('%s asks for a channel on stream %d', this.#transport.id, this.#streamId);

    const held = this.#connect.holdNext();

    this.#call = openChannel(this.#transport, this.#native, this.#streamId).then(
      channel => this.#succeed(channel),
      error => this.#fail(error),
    );
    await Promise.race([held, this.#call]);
  }

  /** Lets the own call go on, inside the queue, until it is through. */
  async #finish(): Promise<void> {
    this.#connect.letGo();
    await this.#call;

    const iceParameters = this.#lateIceParameters;

    if (iceParameters !== undefined && this.#transport.direction === 'recv') {
      // The own call of a receiving transport took the server's ICE parameters before it was held. The
      // application has restarted ICE since then.
      this.#lateIceParameters = undefined;
      await this.#native.restartIce(iceParameters);
    }
  }

  #succeed(channel: RTCDataChannel): void {
    if (this.#stage === 'over') {
      channel.close();
    } else {
      this.#end();
      negotiationLog('%s channel made on stream %d', this.#transport.id, this.#streamId);
      this.#host.negotiated(channel);
    }
  }

  #fail(error: Error): void {
    if (this.#stage !== 'over') {
      this.#end();
      negotiationLog('%s no channel: %s', this.#transport.id, error);
      this.#host.failed(error instanceof StreamIdTaken ? 'stream-id-taken' : 'not-connected');
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
