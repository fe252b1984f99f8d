import { override, type Undo } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { handlerOf } from './handler.ts';

/**
 * Runs jobs as operations of a transport, in its own queue, one at a time and in order: a job may renegotiate the session,
 * and nothing else of the transport may do so meanwhile.
 *
 * The way into the queue is the public method that does least. `transport.updateIceServers()` emits nothing, exists in all
 * versions, for all browsers and both directions, and passes the very array that it was given on to the handler.
 */
export class OperationQueue {
  readonly #transport: types.Transport;
  /** The jobs that wait, by the array that stands for each of them in the queue. */
  readonly #jobs = new Map<unknown, () => Promise<void>>();
  #undo: Undo = () => {};

  constructor(transport: types.Transport) {
    this.#transport = transport;
  }

  /** Settles with the job. Rejects if the transport is closed first. */
  async run(job: () => Promise<void>): Promise<void> {
    const token: RTCIceServer[] = [];

    if (this.#jobs.size === 0) {
      this.#divert();
    }

    this.#jobs.set(token, job);

    try {
      await this.#transport.updateIceServers({ iceServers: token });
    } finally {
      this.#jobs.delete(token);

      if (this.#jobs.size === 0) {
        this.#undo();
      }
    }
  }

  /** One override for all jobs that wait: several would not be undone in the order in which they were made. */
  #divert(): void {
    const handler = handlerOf(this.#transport);
    const updateIceServers = handler.updateIceServers.bind(handler);

    this.#undo = override(handler, 'updateIceServers', iceServers =>
      (this.#jobs.get(iceServers) ?? updateIceServers)(iceServers),
    );
  }
}
