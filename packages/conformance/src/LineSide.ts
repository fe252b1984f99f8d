import {
  createAdaptiveDetector,
  type DetectorOptions,
  decodeFrame,
  type Endpoint,
  EndpointLoop,
  encodeFrame,
  type Frame,
  type FrameError,
  type LoopOwner,
  Loops,
  PROTOCOL_VERSION,
  type Reason,
  type Stats,
} from '@mediasoup-heartbeat/protocol';

/** A line asks for something that this side does not have. */
export class UnknownLine extends Error {}

const loops = new Loops({
  now: () => performance.timeOrigin + performance.now(),
  createTimer(callback) {
    let timer: NodeJS.Timeout | undefined;
    const clear = () => clearTimeout(timer);

    return {
      set(ms) {
        clear();
        timer = setTimeout(callback, Math.ceil(ms));
      },
      clear,
    };
  },
  // Node runs timers before I/O: lines that wait are read before anybody is judged.
  afterInput: callback => void setImmediate(callback),
  stall: 100,
});

/**
 * One side of this repository's implementation, driven by lines of text instead of a transport: see the README. It is the
 * reference that other implementations are compared with, and an example of a shell around an endpoint.
 */
export abstract class LineSide<E extends Endpoint> {
  protected readonly loop: EndpointLoop<E>;
  readonly #print: (line: string) => void;
  #endInterruption = () => {};

  /** @param print - Takes each line that this side says. */
  constructor(endpoint: E, print: (line: string) => void) {
    this.#print = print;
    this.loop = new EndpointLoop(endpoint, this.#owner(), loops);
  }

  /** Takes a line of the other side, or of the test. */
  handleLine(line: string): void {
    const [word = '', ...rest] = line.split(' ');

    try {
      this.handle(word, rest.join(' '));
    } catch (error) {
      this.say(error instanceof UnknownLine ? 'unsupported' : `unsupported ${(error as Error).message}`);
    }
  }

  protected say(line: string): void {
    this.#print(line);
  }

  protected handle(word: string, rest: string): void {
    switch (word) {
      case 'decode': {
        this.say(decoded(rest));
        break;
      }
      case 'encode': {
        this.say(`encoded ${hexOf(encodeFrame(JSON.parse(rest) as Frame, PROTOCOL_VERSION))}`);
        break;
      }
      case 'frame': {
        this.receive(bytesOf(rest));
        break;
      }
      case 'stats': {
        this.loop.feed((endpoint, now) => this.say(`stats ${JSON.stringify(shown(endpoint.stats(now)))}`));
        break;
      }
      case 'interrupt': {
        this.#endInterruption = this.loop.expectInterruption(Number(rest));
        break;
      }
      case 'resume': {
        this.#endInterruption();
        break;
      }
      case 'degraded': {
        this.loop.feed((endpoint, now) => endpoint.handleDegraded('ice-disconnected', now));
        break;
      }
      case 'close': {
        this.close('transport-closed');
        break;
      }
      case 'switch-off': {
        this.close('heartbeat-closed');
        break;
      }
      default: {
        throw new UnknownLine(word);
      }
    }
  }

  /** A message came from the other side. */
  protected receive(bytes: Uint8Array): void {
    this.loop.feed((endpoint, now) => endpoint.handleFrame(bytes, now));
  }

  /** A frame leaves. */
  protected transmit(bytes: Uint8Array): void {
    this.say(`frame ${hexOf(bytes)}`);
  }

  protected close(reason: Reason): void {
    this.loop.feed((endpoint, now) => endpoint.close(reason, now));
  }

  #owner(): LoopOwner {
    return {
      transmit: bytes => this.transmit(bytes),
      readPath: () => Promise.reject(new Error('there is no transport')),
      emit: (event, ...args) => {
        if (event === 'statechange') {
          const { state, reason } = args[0] as { state: string; reason: string };

          this.say(`state ${state} ${reason}`);
        }
      },
      silence() {},
      wantsStats: false,
      wantsSamples: false,
      logDrop() {},
      wantsDrops: false,
    };
  }
}

/** The options that both endpoints take. */
export function endpointOptions(side: 'server' | 'client', bounds: DetectorOptions) {
  return {
    bounds,
    detector: createAdaptiveDetector(bounds, side),
    now: performance.timeOrigin + performance.now(),
  };
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function decoded(hex: string): string {
  try {
    return `decoded ${JSON.stringify(decodeFrame(bytesOf(hex), PROTOCOL_VERSION))}`;
  } catch (error) {
    return `error ${(error as FrameError).code}`;
  }
}

/** What a test may ask about, of all figures. */
function shown({ rtt, loss, outages, received, sent, late, lost, malformed, hidden }: Stats) {
  return {
    rtt: rtt.smoothed,
    downlink: loss.downlink,
    uplink: loss.uplink,
    outages: outages.count,
    sent,
    received,
    late,
    lost,
    malformed,
    hidden,
  };
}
