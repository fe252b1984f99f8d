import { describe, expect, it } from 'vitest';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';
import { SimulatedPair, storyOf } from '../SimulatedPair.ts';

/** Browsers check a path this often, in ms, and acknowledge what they receive within that time. */
const CHECK_EVERY = 2500;
const ACKNOWLEDGED_WITHIN = 250;

/** A page whose network stack outlives its main thread, and a server that reads what its transport has received. */
class Page {
  readonly pair: SimulatedPair;
  readonly #interval: number;
  readonly #loss: number;
  readonly #arrivals: number[] = [];
  #bytesReceived = 0;
  #acknowledged = 0;
  #checkAt = 0;
  #seed = 1;
  #reachable = true;
  #acknowledges = true;
  /** How often its transport was read. */
  reads = 0;

  constructor(input: DetectorInput, loss = 0) {
    const serverBounds = resolveDetectorOptions(input);

    this.#interval = serverBounds.interval;
    this.#loss = loss;
    this.pair = new SimulatedPair({ serverBounds });
    this.pair.countersOf.server = () => {
      this.reads++;

      return { received: this.#bytesReceived };
    };
    this.pair.connect();
  }

  /** Has answered for so long that the detector knows it. */
  isKnown(): this {
    return this.lasts(40 * this.#interval);
  }

  lasts(ms: number): this {
    for (const end = this.pair.now + ms; this.pair.now < end; ) {
      this.pair.run(10);
      this.#receive();
    }

    return this;
  }

  /** Its main thread is blocked. */
  hangs(): this {
    this.pair.clientRuns = false;
    this.pair.server.changes.length = 0;

    return this;
  }

  /** Only the way to it is cut: it checks the path in vain. */
  isNotReached(): this {
    this.pair.downlink.delay = () => undefined;
    this.pair.server.changes.length = 0;
    this.#acknowledges = false;

    return this;
  }

  /** The path is cut. */
  isCutOff(): this {
    this.pair.cut();
    this.pair.server.changes.length = 0;
    this.#reachable = false;
    this.#arrivals.length = 0;

    return this;
  }

  #receive(): void {
    const { now, sentByServer } = this.pair;

    for (; this.#acknowledged < sentByServer.length; this.#acknowledged++) {
      this.#arrives(this.#acknowledges ? now + ACKNOWLEDGED_WITHIN * this.#random() : Number.NaN);
    }

    for (; this.#checkAt <= now; this.#checkAt += CHECK_EVERY) {
      this.#arrives(now);
    }

    this.#bytesReceived += 50 * this.#arrivals.filter(at => at <= now).length;
    this.#arrivals.splice(0, this.#arrivals.length, ...this.#arrivals.filter(at => at > now));
  }

  #arrives(at: number): void {
    if (at >= this.pair.now && this.#reachable && this.#random() >= this.#loss) {
      this.#arrivals.push(at);
    }
  }

  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;

    return this.#seed / 2_147_483_647;
  }
}

const INPUTS: DetectorInput[] = [
  { preset: 'balanced' },
  { preset: 'patient' },
  { preset: 'balanced', interval: 1500 },
  { preset: 'balanced', interval: 15_000 },
  { preset: 'fast', interval: 100, unresponsiveAfter: 61_000 },
  { preset: 'fast', unresponsiveAfter: 61_000 },
];

describe('a page that hangs', () => {
  it.each(INPUTS.flatMap(input => [0, 0.05, 0.1].map(loss => [input, loss] as const)))(
    '%j, of whose acknowledgements %f are lost, is called so once',
    (input, loss) => {
      const page = new Page(input, loss).isKnown().hangs();

      page.lasts(50_000);

      const story = storyOf(page.pair.server);

      expect(story.filter(said => said === 'suspect: page-unresponsive')).toHaveLength(1);
      expect(story.slice(-1)).toEqual(['suspect: page-unresponsive']);
      expect(story.length).toBeLessThanOrEqual(2);
    },
  );

  it('is not taken for one that is heard, but cannot be reached any more', () => {
    const page = new Page({}).isKnown();

    page.isNotReached();
    page.lasts(10_000);

    expect(storyOf(page.pair.server)).toEqual([
      'suspect: missed-pings',
      'suspect: downlink-lost',
      'dead: downlink-lost',
    ]);
  });

  it('is dead, and of missed pings, soon after its process dies', () => {
    const page = new Page({}, 0.05).isKnown().hangs();

    page.lasts(20_000);
    page.isCutOff();
    page.lasts(7600);

    expect(storyOf(page.pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
  });

  it('whose transport is no longer read when it has been dead for long', () => {
    const page = new Page({}).isKnown().hangs();

    page.lasts(70_000);

    expect(storyOf(page.pair.server).slice(-1)).toEqual(['dead: page-unresponsive']);

    const { reads } = page;

    page.lasts(5000);
    expect(page.reads).toBe(reads);
  });
});

describe('a page that is cut off', () => {
  it.each([{}, { preset: 'fast' }] as DetectorInput[])(
    '%j is dead as soon as where nobody reads the transport',
    input => {
      const read = new Page(input).isKnown().isCutOff();
      const without = new Page(input).isKnown().isCutOff();

      without.pair.countersOf.server = () => undefined;
      read.lasts(6000);
      without.lasts(6000);

      expect(storyOf(read.pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
      expect(read.pair.server.changes).toEqual(without.pair.server.changes);
    },
  );

  it('whose transport is no longer read when it has been dead for long', () => {
    const page = new Page({}).isKnown().isCutOff();

    page.lasts(15_000);
    expect(page.reads).toBeGreaterThan(25);
    page.lasts(11_000);

    const { reads } = page;

    page.lasts(5000);
    expect(page.reads).toBe(reads);

    page.pair.mend().run(2000);
    expect(page.pair.serverSide.state).toBe('alive');
  });
});
