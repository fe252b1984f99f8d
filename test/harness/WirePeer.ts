import {
  createArrivalDetector,
  Responder,
  resolveDetectorOptions,
  type StateChange,
} from '@mediasoup-heartbeat/protocol';
import { RawClient, type RawClientOptions } from './RawClient.ts';

const now = () => performance.timeOrigin + performance.now();

/** A well-behaved peer of the wire protocol over real libwebrtc, made of the protocol's core alone. */
export class WirePeer {
  readonly client: RawClient;
  readonly responder: Responder;
  readonly changes: StateChange[] = [];

  constructor(options: Omit<RawClientOptions, 'acceptance'>) {
    this.client = new RawClient({ ...options, acceptance: { version: 1 } });
    this.responder = new Responder(
      {
        version: 1,
        interval: 1000,
        detector: createArrivalDetector(resolveDetectorOptions()),
        firstPingTimeout: 15_000,
        instance: 1,
        now: now(),
      },
      {
        send: frame => this.#send(frame),
        statechange: change => void this.changes.push(change),
        sample: () => {},
        dropped: () => {},
        failed: () => {},
        violation: () => {},
      },
    );
    this.client.channel.onmessage = ({ data }) => this.responder.receive(new Uint8Array(data), now());
  }

  /** Connects and says hello. */
  async connect(): Promise<this> {
    await this.client.connect();
    this.responder.opened(now());

    return this;
  }

  close(): void {
    this.client.close();
  }

  #send(frame: Uint8Array): void {
    if (this.client.channel.readyState === 'open') {
      this.client.send(frame);
    }
  }
}
