import type { types } from 'mediasoup-client';

/** How often the connection is asked while its view is wanted, in ms. */
const ASK_EVERY = 500;

/** The path is silent when nothing came for so long, in ms: browsers check a path every 2.5 s if all is well. */
const SILENT_AFTER = 3000;

/** What the path watch asks of its owner. */
export type PathListener = {
  /** Sends something for the server's network stack to acknowledge. */
  knock(): void;
  /** Whether anything has come. */
  tell(pathAlive: boolean): void;
};

/** What came so far, over which candidate pairs. */
type Receipt = { pairs: string; received: number };

/**
 * The second opinion: whether anything at all still comes from the server. While its process hangs, its
 * mediasoup worker goes on to send media and to acknowledge what it is sent; once the path is cut, nothing
 * comes. Asked only while pings are missing.
 */
export class PathWatch {
  readonly #transport: types.Transport;
  readonly #listener: PathListener;
  #receipt: Receipt | undefined;
  #grewAt = 0;
  #isSilent = false;
  #asking = false;
  #askAt = 0;

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
    this.#askAt = time + ASK_EVERY;
    this.#transport.getStats().then(
      report => this.#answer(receiptOf(report), time),
      // The transport is closed, and has said so itself.
      () => this.reset(),
    );

    // A lost path is not burdened: what is lost on it now would slow it down when it is back.
    if (!this.#isSilent) {
      this.#listener.knock();
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

    this.#asking = false;
    this.#receipt = receipt;

    if (before === undefined) {
      this.#grewAt = time;
    } else if (receipt.pairs === before.pairs && receipt.received !== before.received) {
      // Also where it is less: somebody counts anew.
      this.#grewAt = time;
      this.#isSilent = false;
      this.#listener.tell(true);
    } else if (time - this.#grewAt >= SILENT_AFTER) {
      this.#isSilent = true;
      this.#listener.tell(false);
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

  report.forEach(stats => {
    if (stats.type === 'candidate-pair') {
      pairs.push(stats);
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
  };
}

function receivedOver(pair: Record<string, unknown>): number {
  return ['bytesReceived', 'requestsReceived', 'responsesReceived'].reduce(
    (sum, field) => sum + Number(pair[field] ?? 0),
    0,
  );
}
