import { type Acceptance, listen, type Undo } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { type ConnectListener, type Handler, handlerOf } from './handler.ts';
import { negotiationLog } from './logs.ts';

/**
 * Stands between the handler and the transport where the handler asks to be connected (`@connect`). It adds the acceptance
 * to the parameters, and can hold the heartbeat's own call there.
 *
 * If `@connect` fails, an operation has failed for good, and its unfinished channel blocks all that follow. So the own call waits there
 * until the application has connected the transport, however often that fails.
 */
export class ConnectInterception {
  /** Whether the server may have been told of this side, so that it waits for it. */
  isPromised = false;
  /** Whether the application has connected the transport. */
  isConnected: boolean;
  readonly #transportId: string;
  readonly #handler: Handler;
  readonly #acceptance: Acceptance | undefined;
  readonly #refused: () => void;
  /** The transport's own listeners: they emit `connect` to the application. */
  readonly #listeners: ConnectListener[];
  #onHeld: (() => void) | undefined;
  #held: { dtlsParameters: object; goOn: () => void } | undefined;

  /**
   * @param acceptance - `undefined`: the application passes it on.
   * @param refused - Called each time the application fails to connect the transport.
   */
  constructor(transport: types.Transport, acceptance: Acceptance | undefined, refused: () => void) {
    this.#transportId = transport.id;
    this.#handler = handlerOf(transport);
    this.#acceptance = acceptance;
    this.#refused = refused;
    this.#listeners = this.#handler.listeners('@connect');
    this.isConnected = transport.connectionState !== 'new';
  }

  /** Whether the own call is held. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** The parameters of the held call. */
  get heldParameters(): object | undefined {
    return this.#held?.dtlsParameters;
  }

  /** Takes the place of the transport's listeners. */
  takeOver(): Undo {
    const handler = this.#handler;
    const onConnect: ConnectListener = (...args) => this.#onConnect(...args);

    for (const listener of this.#listeners) {
      handler.off('@connect', listener);
    }

    const undo = listen(handler, '@connect', onConnect);

    return () => {
      this.#held = undefined;
      undo();

      for (const listener of this.#listeners) {
        handler.on('@connect', listener);
      }
    };
  }

  /** Holds the next call that asks to be connected. Settles when it does. */
  holdNext(): Promise<void> {
    return new Promise(resolve => {
      this.#onHeld = resolve;
    });
  }

  /** Asks the application for an operation of its own, with the parameters of the held call. */
  ask(callback: () => void, errback: (error: Error) => void): void {
    this.#emit({ ...this.heldParameters }, callback, errback);
  }

  /** Lets the held call go on, now that the transport is connected. */
  letGo(): void {
    const held = this.#held;

    this.#held = undefined;
    held?.goOn();
  }

  #onConnect(...[{ dtlsParameters }, callback, errback]: Parameters<ConnectListener>): void {
    const onHeld = this.#onHeld;

    // Also without an acceptance: the server may take the connection for one.
    this.isPromised = true;

    if (this.#acceptance !== undefined) {
      // The application relays it like the rest of the object. This is how the server learns of this side.
      Object.assign(dtlsParameters, { heartbeat: { ...this.#acceptance } });
    }

    negotiationLog('%s acceptance given with the DTLS parameters: %j', this.#transportId, this.#acceptance);

    if (onHeld === undefined) {
      this.#emit(dtlsParameters, callback, errback);
    } else {
      this.#onHeld = undefined;
      this.#held = { dtlsParameters, goOn: callback };
      onHeld();
    }
  }

  #emit(dtlsParameters: object, callback: () => void, errback: (error: Error) => void): void {
    const connected = () => {
      this.isConnected = true;
      negotiationLog('%s connected by the application', this.#transportId);
      callback();
    };
    const refused = (error: Error) => {
      negotiationLog('%s not connected by the application', this.#transportId);
      errback(error);
      this.#refused();
    };

    for (const listener of this.#listeners) {
      listener({ dtlsParameters }, connected, refused);
    }
  }
}
