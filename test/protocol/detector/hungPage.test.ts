import type { HeartbeatTransport } from '@mediasoup-heartbeat/server';
import { describe, expect, it } from 'vitest';
import { AdaptiveDetector } from '../../../packages/protocol/src/detector/AdaptiveDetector.ts';
import {
  type DetectorInput,
  resolveDetectorOptions,
} from '../../../packages/protocol/src/detector/options.ts';
import { PathWatch } from '../../../packages/server/src/PathWatch.ts';
import { SimulatedPair, storyOf } from '../SimulatedPair.ts';

/** Browsers check a path this often, in ms, and acknowledge what they receive within that time. */
const CHECK_EVERY = 2500;
const ACKNOWLEDGED_WITHIN = 250;

/** A page behind the real halves and the server's real second opinion, whose network stack outlives its main thread. */
class Page {
  readonly pair: SimulatedPair;
  readonly #interval: number;
  readonly #watch: PathWatch;
  readonly #loss: number;
  readonly #arrivals: number[] = [];
  #bytesReceived = 0;
  #acknowledged = 0;
  #checkAt = 0;
  #seed = 1;
  #reachable = true;
  #acknowledges = true;

  constructor(input: DetectorInput, loss = 0) {
    const options = resolveDetectorOptions(input);

    this.#interval = options.interval;
    this.#loss = loss;
    this.pair = new SimulatedPair({ pingDetector: new AdaptiveDetector(options) });
    this.#watch = new PathWatch(
      this as unknown as HeartbeatTransport,
      pathAlive => this.pair.prober.opinion(pathAlive, this.pair.now),
      async () => 0,
    );
    this.pair.connect();
  }

  async getStats(): Promise<Array<{ bytesReceived: number }>> {
    return [{ bytesReceived: this.#bytesReceived }];
  }

  /** Has answered for so long that the detector knows it. */
  async isKnown(): Promise<this> {
    return this.lasts(40 * this.#interval);
  }

  async lasts(ms: number): Promise<this> {
    for (const end = this.pair.now + ms; this.pair.now < end; ) {
      this.pair.run(10);
      this.#receive();
      await this.#askOpinion();
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

  /** As the server half does it. */
  async #askOpinion(): Promise<void> {
    if (!this.pair.prober.wantsOpinion) {
      this.#watch.reset();
      this.pair.prober.answered(this.pair.now);
    } else if (this.pair.now >= this.#watch.askAt) {
      this.pair.prober.asked(this.pair.now);
      await this.#watch.ask(this.pair.now);
      this.pair.prober.answered(this.pair.now);
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
    async (input, loss) => {
      const page = (await new Page(input, loss).isKnown()).hangs();

      await page.lasts(50_000);

      const story = storyOf(page.pair.server);

      expect(story.filter(said => said === 'suspect: page-unresponsive')).toHaveLength(1);
      expect(story.slice(-1)).toEqual(['suspect: page-unresponsive']);
      expect(story.length).toBeLessThanOrEqual(2);
    },
  );

  it('looks the same as one that is heard, but cannot be reached any more', async () => {
    const page = await new Page({}).isKnown();

    page.isNotReached();
    await page.lasts(50_000);

    expect(storyOf(page.pair.server)).toEqual(['suspect: missed-pings', 'suspect: page-unresponsive']);
  });

  it('is dead, and of missed pings, soon after its process dies', async () => {
    const page = (await new Page({}, 0.05).isKnown()).hangs();

    await page.lasts(20_000);
    page.isCutOff();
    await page.lasts(7600);

    expect(storyOf(page.pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
  });

  it('is no longer asked about when it has been dead for long', async () => {
    const page = (await new Page({}).isKnown()).hangs();

    await page.lasts(70_000);

    expect(storyOf(page.pair.server).slice(-1)).toEqual(['dead: page-unresponsive']);
    expect(page.pair.prober.wantsOpinion).toBe(false);
  });
});

describe('a page that is cut off', () => {
  it.each([{}, { preset: 'fast' }] as DetectorInput[])(
    '%j is dead as soon as without the opinion',
    async input => {
      const withOpinion = (await new Page(input).isKnown()).isCutOff();
      const without = (await new Page(input).isKnown()).isCutOff();

      await withOpinion.lasts(6000);
      without.pair.run(6000);

      expect(storyOf(withOpinion.pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
      expect(withOpinion.pair.server.changes).toEqual(without.pair.server.changes);
    },
  );

  it('is no longer asked about when it has been dead for long', async () => {
    const page = (await new Page({}).isKnown()).isCutOff();

    await page.lasts(20_000);
    expect(page.pair.prober.wantsOpinion).toBe(true);
    await page.lasts(6000);
    expect(page.pair.prober.wantsOpinion).toBe(false);

    page.pair.mend().run(2000);
    expect(page.pair.prober.state).toBe('alive');
  });
});
