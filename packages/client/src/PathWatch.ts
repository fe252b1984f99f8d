import { BulkFlow, type Congestion } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';

/** How often the connection is asked while its view is wanted, in ms. */
const ASK_EVERY = 500;
const ASK_AGAIN = 250;

/** The path is silent when nothing came for so long, in ms: browsers check a path every 2.5 s if all is well. */
const SILENT_AFTER = 3000;

/** How often what moves is looked at while nothing is wrong but a queue, in ms. */
const GLANCE_EVERY = 8000;

/** What the path watch asks of its owner. */
export type PathListener = {
  /** Sends something for the server's network stack to acknowledge. */
  knock(): void;
  /** Whether anything has come. */
  tell(pathAlive: boolean | undefined, congestion: Congestion): void;
};

/** What came so far, over which candidate pairs. */
type Receipt = { pairs: string; received: number; data: number };

/**
 * The second opinion: whether anything at all still comes from the server. While its process hangs, its
 * mediasoup worker goes on to send media and to acknowledge what it is sent; once the path is cut, nothing
 * comes. Asked only while pings are missing.
 */
export class PathWatch {
  readonly #transport: types.Transport;
  readonly #listener: PathListener;
  readonly #flow = new BulkFlow();
  #receipt: Receipt | undefined;
  #grewAt = 0;
  #isSilent = false;
  #asking = false;
  #askAt = 0;
  #glanceAt = 0;

  constructor(transport: types.Transport, listener: PathListener) {
    this.#transport = transport;
    this.#listener = listener;
  }

  /** When the connection wants to be asked next. */
  get askAt(): number {
    return this.#asking ? Number.POSITIVE_INFINITY : this.#askAt;
  }

  /** Asks the connection. The first answer is what later ones are compared with. */
  ask(time: number): void {
    this.#asking = true;
    this.#askAt = time + (this.#receipt === undefined ? ASK_AGAIN : ASK_EVERY);
    this.#transport.getStats().then(
      report => this.#answer(receiptOf(report), time),
      // The transport is closed, and has said so itself.
      () => this.reset(),
    );
  }

  /** Looks now and then how much moves, where round trips are long by a queue, to know it once pings are missing. */
  glance(time: number): void {
    if (time >= this.#glanceAt) {
      this.#glanceAt = time + GLANCE_EVERY;
      this.#transport.getStats().then(
        report => this.#flow.grewTo(receiptOf(report).data, time),
        // It is closed, and has said so itself.
        () => {},
      );
    }
  }

  /** Forgets what it compares with: nobody asks any more. */
  reset(): void {
    this.#receipt = undefined;
    this.#isSilent = false;
    this.#asking = false;
    this.#askAt = 0;
  }

  #answer(receipt: Receipt, time: number): void {
    // A reset since then means that nobody wants to know.
    if (!this.#asking) {
      return;
    }

    const before = this.#receipt;
    const congestion = { bulk: this.#flow.grewTo(receipt.data, time) };

    this.#asking = false;
    this.#receipt = receipt;

    if (before === undefined) {
      this.#grewAt = time;
      this.#listener.tell(undefined, congestion);
    } else if (receipt.pairs === before.pairs && receipt.received !== before.received) {
      // Also where it is less: somebody counts anew.
      this.#grewAt = time;
      this.#isSilent = false;
      this.#listener.tell(true, congestion);
    } else if (time - this.#grewAt >= SILENT_AFTER) {
      this.#isSilent = true;
      this.#listener.tell(false, {});
    }

    // A lost path is not burdened: what is lost on it now would slow it down when it is back. Neither is a busy one: while
    // SCTP recovers from loss, each message of the other direction holds it up by about a second.
    if (!this.#isSilent && !congestion.bulk) {
      this.#listener.knock();
    }
  }
}

/**
 * Everything that came: bytes of media and data, and the other side's part in path checks. Over the pair in use where
 * the browser says which that is, as others may be checked that lead nowhere; else over all.
 */
function receiptOf(report: RTCStatsReport): Receipt {
  const pairs: Array<Record<string, unknown>> = [];
  let inUse: unknown;
  let data = 0;

  report.forEach(stats => {
    if (stats.type === 'candidate-pair') {
      pairs.push(stats);
    } else if (stats.type === 'data-channel') {
      data += Number(stats.bytesReceived ?? 0) + Number(stats.bytesSent ?? 0);
    } else if (stats.type === 'transport') {
      inUse ??= stats.selectedCandidatePairId;
    }
  });

  const selected =
    pairs.find(({ id }) => id !== undefined && id === inUse) ??
    // Firefox says it of the pair itself.
    pairs.find(pair => pair.selected === true) ??
    pairs.find(pair => pair.nominated === true && pair.state === 'succeeded');

  return {
    pairs: selected === undefined ? 'all' : String(selected.id),
    received: (selected === undefined ? pairs : [selected]).reduce(
      (sum, pair) => sum + receivedOver(pair),
      0,
    ),
    data,
  };
}

function receivedOver(pair: Record<string, unknown>): number {
  return ['bytesReceived', 'requestsReceived', 'responsesReceived'].reduce(
    (sum, field) => sum + Number(pair[field] ?? 0),
    0,
  );
}
