import {
  CHANNEL_LABEL,
  ClientEndpoint,
  GoodbyeCause,
  PROTOCOL_VERSION,
  readDescriptor,
  resolveDetectorOptions,
  STREAM_OPTIONS,
} from '@mediasoup-heartbeat/protocol';
import { endpointOptions, LineSide, UnknownLine } from './LineSide.ts';

/** What happens to a page, by the word for it. */
const PAGE_EVENTS: Readonly<Record<string, (endpoint: ClientEndpoint, now: number) => void>> = {
  hidden: (endpoint, now) => endpoint.setHidden(true, now),
  visible: (endpoint, now) => endpoint.setHidden(false, now),
  frozen: (endpoint, now) => endpoint.freeze(now),
  thawed: (endpoint, now) => endpoint.thaw(now),
  closing: (endpoint, now) => endpoint.depart(GoodbyeCause.PageClosing, now),
  restored: (endpoint, now) => endpoint.returned(now),
};

/** The client side, driven by lines. */
export class LineClient extends LineSide<ClientEndpoint> {
  /** @param interval - The interval that will be offered: the bounds of an endpoint cannot be changed later. */
  constructor(interval: number, print: (line: string) => void) {
    super(
      new ClientEndpoint({
        ...endpointOptions('client', resolveDetectorOptions({ interval })),
        version: PROTOCOL_VERSION,
        firstPingTimeout: 15_000,
        instance: Math.floor(Math.random() * 2 ** 32),
      }),
      print,
    );
  }

  protected override handle(word: string, rest: string): void {
    switch (word) {
      case 'offer': {
        this.#answer(JSON.parse(rest));
        break;
      }
      case 'open': {
        if (!this.loop.endpoint.hasGivenUp) {
          this.loop.feed((endpoint, now) => endpoint.opened(now));
        }
        break;
      }
      case 'failed': {
        this.loop.feed((endpoint, now) => endpoint.disconnected('connection-failed', now));
        break;
      }
      case 'page': {
        this.#onPage(rest);
        break;
      }
      case 'report': {
        this.say(`report ${JSON.stringify(this.loop.endpoint.report ?? {})}`);
        break;
      }
      default: {
        super.handle(word, rest);
      }
    }
  }

  #answer(offer: unknown): void {
    const result = readDescriptor(offer);

    if (!result.ok) {
      this.loop.feed((endpoint, now) => endpoint.giveUp(result.reason, now));
      this.say(`declined ${result.reason}`);

      return;
    }

    const { streamId } = result.descriptor;
    const channel = { ...STREAM_OPTIONS, id: streamId, negotiated: true };

    this.say(`channel ${JSON.stringify({ ...channel, label: CHANNEL_LABEL, protocol: CHANNEL_LABEL })}`);
    this.say(`acceptance ${JSON.stringify({ version: result.version })}`);
  }

  #onPage(event: string): void {
    const input = PAGE_EVENTS[event];

    if (input === undefined) {
      throw new UnknownLine(event);
    }

    this.loop.feed(input);
  }
}
