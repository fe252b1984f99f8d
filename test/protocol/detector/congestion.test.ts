import { describe, expect, test } from 'vitest';
import { AdaptiveArrivalDetector } from '../../../packages/protocol/src/detector/AdaptiveArrivalDetector.ts';
import { AdaptiveDetector } from '../../../packages/protocol/src/detector/AdaptiveDetector.ts';
import { CONGESTED_MOST, type Judgement } from '../../../packages/protocol/src/detector/Detector.ts';
import { resolveDetectorOptions } from '../../../packages/protocol/src/detector/options.ts';

/** For how long a look at a congested association holds here, and how often it is looked at, in ms. */
const CONGESTED = 10_000;
const LOOK_EVERY = 500;

/** A transport whose second opinion is always the same, and what came of it. */
type Opinion = { pathAlive: boolean; congestedFor: number };

const BUSY: Opinion = { pathAlive: true, congestedFor: CONGESTED };
const CUT: Opinion = { pathAlive: false, congestedFor: 0 };

/** Either detector, of a peer that was known well and is silent from now on. */
class Silent {
  readonly #detector: AdaptiveDetector | AdaptiveArrivalDetector;
  pings = 0;
  #now = 0;
  #sent = 0;
  #lookAt = 0;

  constructor(half: 'server' | 'client') {
    const options = resolveDetectorOptions();

    if (half === 'server') {
      const detector = new AdaptiveDetector(options);

      detector.start(0);

      for (; this.#sent < 30; this.#now += 1000) {
        detector.sent(this.#sent, this.#now);
        detector.answered(this.#sent++, 20, this.#now + 20);
      }

      this.#detector = detector;
    } else {
      const detector = new AdaptiveArrivalDetector(options);

      detector.start(0);

      for (; this.#sent < 30; this.#now += 1000) {
        detector.arrived(this.#sent++, this.#now);
      }

      this.#detector = detector;
    }

    this.#now -= 1000;
  }

  /** Lets so much time pass, in ms. Returns what it is taken for then. */
  wait(ms: number, { pathAlive, congestedFor }: Opinion): Judgement {
    const detector = this.#detector;
    let judgement: Judgement = 'alive';

    for (const end = this.#now + ms; this.#now < end; this.#now += 10) {
      judgement = detector.judge(this.#now);

      if (detector instanceof AdaptiveDetector && this.#now >= detector.pingAt) {
        detector.sent(this.#sent++, this.#now);
        this.pings++;
      }

      if (detector.wantsOpinion && this.#now >= this.#lookAt) {
        this.#lookAt = this.#now + LOOK_EVERY;
        detector.opinion(pathAlive, this.#now, congestedFor);
      }
    }

    return judgement;
  }
}

describe.each(['server', 'client'] as const)('%s', half => {
  test(`the ${half} suspects nobody for a silence that congestion explains`, () => {
    expect(new Silent(half).wait(CONGESTED_MOST - 1000, BUSY)).toBe('alive');
  });

  test(`the ${half} suspects a peer that stays silent through more than a minute of congestion`, () => {
    expect(new Silent(half).wait(CONGESTED_MOST + 2000, BUSY)).toBe('suspect');
  });

  test(`the ${half} finds a peer dead within 7 s whose path falls silent in the middle of a transfer`, () => {
    const silent = new Silent(half);

    silent.wait(5000, BUSY);
    expect(silent.wait(7000, CUT)).toBe('dead');
  });
});

test('the server pings a congested association at the regular interval only', () => {
  const silent = new Silent('server');

  silent.wait(5000, BUSY);
  silent.pings = 0;
  silent.wait(10_000, BUSY);
  expect(silent.pings).toBe(10);
});
