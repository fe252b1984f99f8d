import { setTimeout as lasting } from 'node:timers/promises';
import { createWorker, type types } from 'mediasoup';
import type { BrowserKind } from '../browsers.ts';
import type { Contender } from '../contenders.ts';
import type { Step } from '../jobs.ts';
import type { Gaps, Outcome } from '../Outcome.ts';
import type { PageLog } from '../page/messages.ts';
import {
  ASLEEP,
  SCENARIOS,
  type ScenarioName,
  SECOND_INTERFACE_AFTER,
  TUNNEL,
  WITHOUT_ADDRESS,
} from '../scenarios.ts';
import { Application } from './Application.ts';
import { Call } from './Call.ts';
import { allowAsymmetricRoutes, ClientNetwork } from './ClientNetwork.ts';
import { now } from './clock.ts';
import { isDtls, type Passed } from './DelayedPath.ts';
import { Driver } from './Driver.ts';
import { FarEnd } from './FarEnd.ts';
import { Feed } from './Feed.ts';
import { type Loss, timesDown, timesUp } from './measure.ts';

const MEDIA_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

/** How long a call runs before anything happens, in ms; up to {@link SPREAD} more, so that timers are anywhere. */
const SETTLE = 4000;
const SPREAD = 2000;

/** A call must begin within this time, in ms. */
const OPENING = 20_000;

/** The usual address on Wi-Fi. */
const HOME = '10.71.0.2';

/** The address that replaces it. */
const OTHER_HOST = 3;

/** How often the bench looks, in ms. */
const LOOK_EVERY = 200;

/** How long the heartbeat's messages are held up to make it restart on a good path, in ms. */
const HELD_UP = 4000;

/** Both networks, a worker, a browser, and one call at a time in them. */
export class Stage {
  readonly #network: ClientNetwork;
  readonly #driver: Driver;
  readonly #router: types.Router;
  readonly #application: Application;
  readonly #farEnd: FarEnd;
  readonly #feed: Feed;
  readonly #browser: BrowserKind;

  private constructor(parts: {
    network: ClientNetwork;
    driver: Driver;
    router: types.Router;
    application: Application;
    farEnd: FarEnd;
    feed: Feed;
    browser: BrowserKind;
  }) {
    this.#network = parts.network;
    this.#driver = parts.driver;
    this.#router = parts.router;
    this.#application = parts.application;
    this.#farEnd = parts.farEnd;
    this.#feed = parts.feed;
    this.#browser = parts.browser;
  }

  static async set(browser: BrowserKind, script: string): Promise<{ stage: Stage; version: string }> {
    allowAsymmetricRoutes();

    const driver = await Driver.start();
    const network = new ClientNetwork(driver.pid);

    network.reset({ mobile: true });

    const worker = await createWorker({ logLevel: 'error' });
    const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
    const application = await Application.start();
    const farEnd = await FarEnd.join(router);
    const feed = await Feed.start(router);
    const version = await driver.order<'launch', string>('launch', browser, script);

    return {
      stage: new Stage({ network, driver, router, application, farEnd, feed, browser }),
      version,
    };
  }

  /** Plays a scenario once. */
  async play(scenario: ScenarioName, contender: Contender, patience: number): Promise<Outcome> {
    const call = await this.#call(contender, SCENARIOS[scenario].mobile);
    const loss = await this.#lose(scenario, call);
    const outcome = await this.#await(call, loss, patience, complete);

    call.close();

    return outcome;
  }

  /** Plays several scenarios in one call, and comes home before each of them. It ends when media does not return. */
  async walk(steps: readonly ScenarioName[], contender: Contender, patience: number): Promise<Step[]> {
    const [first = 'a'] = steps;
    const call = await this.#call(contender, SCENARIOS[first].mobile);
    const walked: Step[] = [];
    const walk = async (step: Step['step'], loss: Loss) => {
      const outcome = await this.#await(call, loss, patience, hasMedia);

      walked.push({ step, outcome });
      await lasting(hasMedia(outcome) ? SETTLE : 0);

      return hasMedia(outcome);
    };

    for (const step of steps) {
      const { mobile } = SCENARIOS[step];
      const isHome = ({ address }: Passed) => mobile || address === HOME;

      if (
        walked.length > 0 &&
        !(await walk(
          'home',
          lose(isHome, () => this.#network.reset({ mobile })),
        ))
      )
        break;
      if (!(await walk(step, await this.#lose(step, call)))) break;
    }

    call.close();

    return walked;
  }

  /** The longest gaps before and during a restart that nobody needed, on a path that only holds up the data. */
  async restartNeedlessly(): Promise<{ before: Gaps; during: Gaps; restarts: number }> {
    const call = await this.#call('ours', false);
    const middle = now();

    for (const path of call.paths.values()) path.drops = isDtls;
    await lasting(HELD_UP);
    for (const path of call.paths.values()) path.drops = () => false;

    const log = await this.#log(middle - HELD_UP);
    const gaps = (from: number, to: number): Gaps => {
      const longest = (times: readonly number[]) => {
        const inside = times.filter(at => at >= from && at <= to);

        return Math.round(Math.max(...inside.slice(1).map((at, index) => at - (inside[index] ?? at))));
      };
      const down = (kind: types.MediaKind) =>
        (call.paths.get('recv')?.down ?? [])
          .filter(({ payloadType }) => payloadType === call.payloadTypes.recv[kind])
          .map(({ at }) => at);

      return {
        audioUp: longest(call.accepted.audio),
        audioDown: longest(down('audio')),
        videoUp: longest(call.accepted.video),
        videoDown: longest(down('video')),
        shown: longest(log.frames),
      };
    };

    call.close();

    return {
      before: gaps(middle - HELD_UP, middle),
      during: gaps(middle, middle + HELD_UP),
      restarts: log.events.filter(({ what }) => what.endsWith('recovering')).length,
    };
  }

  /** Opens a page and a call, and lets it run for a while. */
  async #call(contender: Contender, mobile: boolean): Promise<Call> {
    const setup = {
      contender,
      signalling: this.#application.url,
      handlerName: this.#browser.engine === 'firefox' ? 'Firefox120' : 'Chrome111',
    } as const;
    const call = new Call(this.#router, this.#farEnd, this.#feed, setup);

    this.#network.reset({ mobile });
    this.#application.handlers = call.handlers;
    await this.#driver.order('open');
    await this.#driver.order('start', setup);
    await this.#untilOpen(call);
    await lasting(SETTLE + Math.random() * SPREAD);

    return call;
  }

  async #untilOpen(call: Call): Promise<void> {
    const began = now();
    const loss = { lostAt: began, goneAt: began, from: began, isOnNewPath: () => true };

    if (!complete(await this.#await(call, loss, OPENING, complete))) {
      throw new Error('the call does not begin');
    }
  }

  /** Causes the loss. For some scenarios it lasts a while. */
  async #lose(scenario: ScenarioName, call: Call): Promise<Loss> {
    const network = this.#network;
    const wifi = ({ address }: Passed) => address.startsWith('10.71.');
    const mobile = ({ address }: Passed) => address.startsWith('10.72.');

    switch (scenario) {
      case 'a': {
        return lose(mobile, () => network.down('wlan0'));
      }
      case 'b': {
        return lose(mobile, () => network.dropWifi(true));
      }
      case 'c': {
        // In a walk it may be up.
        network.down('wwan0');

        const loss = lose(mobile, () => network.down('wlan0'));

        await lasting(SECOND_INTERFACE_AFTER);
        network.up('wwan0');

        return loss;
      }
      case 'd': {
        network.down('wwan0');

        const loss = lose(
          ({ address }) => address.endsWith(`.${OTHER_HOST}`),
          () => network.removeAddress('wlan0'),
        );

        await lasting(WITHOUT_ADDRESS);
        network.up('wlan0', OTHER_HOST);

        return loss;
      }
      case 'n': {
        const generations = [...call.paths.values()].map(({ generation }) => generation + 1);

        return lose(
          ({ generation }) => generation >= Math.min(...generations),
          () => {
            for (const path of call.paths.values()) path.rebind();
          },
        );
      }
      case 'tunnel': {
        network.down('wwan0');

        const loss = lose(wifi, () => network.dropWifi(true));

        await lasting(TUNNEL);
        network.dropWifi(false);

        return { ...loss, from: now() };
      }
      case 'asleep':
      case 'moved': {
        await this.#driver.order('signal', 'SIGSTOP');

        const loss = lose(scenario === 'asleep' ? wifi : mobile, () => {
          network.down('wlan0');
          network.down('wwan0');
        });

        await lasting(ASLEEP);
        network.up(scenario === 'asleep' ? 'wlan0' : 'wwan0');

        const from = now();

        await this.#driver.order('signal', 'SIGCONT');

        return { ...loss, from };
      }
    }
  }

  /** Looks until it is enough, or the patience in ms is over. */
  async #await(
    call: Call,
    loss: Loss,
    patience: number,
    isEnough: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    for (;;) {
      const log = await this.#log(loss.lostAt - 1000);
      const outcome = {
        up: timesUp(call, this.#farEnd.frames, loss),
        down: timesDown(call, log, loss),
        events: log.events
          .filter(({ at }) => at >= loss.lostAt - 100)
          .map(event => ({ ...event, at: Math.round(event.at - loss.lostAt) })),
      };

      if (isEnough(outcome) || now() > loss.from + patience) return outcome;
      await lasting(LOOK_EVERY);
    }
  }

  #log(since: number): Promise<PageLog> {
    return this.#driver.order<'log', PageLog>('log', since);
  }
}

function lose(isOnNewPath: Loss['isOnNewPath'], change: () => void): Loss {
  const lostAt = now();

  change();

  return { lostAt, goneAt: now(), from: lostAt, isOnNewPath };
}

function complete({ up, down }: Outcome): boolean {
  return [up, down].every(times => ['rtp', 'frame', 'data'].every(name => name in times));
}

function hasMedia({ up, down }: Outcome): boolean {
  return 'rtp' in up && 'rtp' in down;
}
