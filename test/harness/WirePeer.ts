import type { StateChange } from '@mediasoup-heartbeat/protocol';
import { CorePeer } from './CorePeer.ts';
import { RawClient, type RawClientOptions } from './RawClient.ts';

/** A well-behaved peer of the wire protocol over real libwebrtc, made of the protocol's core alone. */
export class WirePeer {
  readonly client: RawClient;
  readonly core: CorePeer;

  constructor(options: Omit<RawClientOptions, 'acceptance'>) {
    this.client = new RawClient({ ...options, acceptance: { version: 1 } });
    this.core = new CorePeer(frame => this.#send(frame));
    this.client.channel.onmessage = ({ data }) => this.core.receive(data);
  }

  get changes(): readonly StateChange[] {
    return this.core.changes;
  }

  /** Connects and says hello. */
  async connect(): Promise<this> {
    await this.client.connect();
    this.core.feed((endpoint, at) => endpoint.opened(at));

    return this;
  }

  /** Says goodbye. */
  depart(cause: number): void {
    this.core.feed((endpoint, at) => endpoint.depart(cause, at));
  }

  /** Comes back after a goodbye. */
  returned(): void {
    this.core.feed((endpoint, at) => endpoint.returned(at));
  }

  close(): void {
    this.client.close();
  }

  /** libwebrtc may close the channel after it said that it is open. */
  #send(frame: Uint8Array): void {
    try {
      this.client.send(frame);
    } catch (error) {
      if ((error as Error).name !== 'InvalidStateError') {
        throw error;
      }
    }
  }
}
