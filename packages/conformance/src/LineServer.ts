import { randomBytes } from 'node:crypto';
import {
  readAcceptance,
  resolveDetectorOptions,
  ServerEndpoint,
  SUPPORTED_VERSIONS,
} from '@mediasoup-heartbeat/protocol';
import { endpointOptions, LineSide } from './LineSide.ts';

const STREAM_ID = 100;

/** The server side, driven by lines. */
export class LineServer extends LineSide<ServerEndpoint> {
  constructor(interval: number, print: (line: string) => void, random = unpredictable) {
    super(
      new ServerEndpoint({
        ...endpointOptions('server', resolveDetectorOptions({ interval })),
        firstPongTimeout: 15_000,
        frozenTimeout: 60_000,
        phase: interval,
        random,
      }),
      print,
    );
    this.say(`offer ${JSON.stringify({ versions: SUPPORTED_VERSIONS, streamId: STREAM_ID, interval })}`);
  }

  protected override handle(word: string, rest: string): void {
    if (word === 'accept') {
      const acceptance = readAcceptance(JSON.parse(rest));

      this.loop.feed((endpoint, now) =>
        acceptance.ok ? endpoint.accept(acceptance.version, now) : endpoint.decline(acceptance.reason, now),
      );
    } else if (word === 'open') {
      this.loop.feed((endpoint, now) => endpoint.connected(now));
    } else if (word === 'failed') {
      this.loop.feed((endpoint, now) => endpoint.disconnected('dtls-failed', now));
    } else {
      super.handle(word, rest);
    }
  }
}

function unpredictable(): number {
  return randomBytes(4).readUInt32BE();
}
