import {
  AdaptiveDetector,
  ClientEndpoint,
  resolveDetectorOptions,
  type StateChange,
} from '@mediasoup-heartbeat/protocol';

export const now = () => performance.timeOrigin + performance.now();

/** The client side made of the protocol's core alone, over any way to send frames. It has no timer. */
export class CorePeer {
  readonly endpoint: ClientEndpoint;
  readonly changes: StateChange[] = [];
  readonly #send: (frame: Uint8Array) => void;

  constructor(send: (frame: Uint8Array) => void, interval = 1000) {
    const bounds = resolveDetectorOptions({ interval });

    this.#send = send;
    this.endpoint = new ClientEndpoint({
      version: 1,
      bounds,
      detector: new AdaptiveDetector(bounds, 'client'),
      firstPingTimeout: 15_000,
      instance: 1,
      now: now(),
    });
  }

  /** Gives the endpoint an input, and does what it wants done. */
  feed(input: (endpoint: ClientEndpoint, now: number) => void): void {
    const { endpoint } = this;

    input(endpoint, now());

    for (let frame = endpoint.pollTransmit(); frame !== undefined; frame = endpoint.pollTransmit()) {
      this.#send(frame);
    }

    for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {
      if (event.type === 'change') {
        this.changes.push(event.change);
      }
    }
  }

  receive(message: ArrayBuffer | Uint8Array): void {
    this.feed((endpoint, at) => endpoint.handleFrame(new Uint8Array(message), at));
  }
}
