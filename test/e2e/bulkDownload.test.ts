import type { StateChange } from '@mediasoup-heartbeat/server';
import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../harness/events.ts';
import { launchChromium } from './fixture/chromium.ts';
import { endBrowser } from './fixture/processes.ts';
import { type Backend, Session, startBackend, stopBackend } from './fixture/Session.ts';

/** Bytes of a message of the application, and what it keeps in the send buffer. */
const MESSAGE = 16 * 1024;
const BUFFERED = 128_000;

/** How often the application looks whether it may send more, in ms. */
const LOOK_EVERY = 10;

/** Bytes after which the link is saturated. Before that SCTP overfills its queue, and pings are lost like all else. */
const WARM = 1_000_000;

/** Pings while the link is saturated. */
const PINGS = 10;

/** The longest that a side may suspect the other, in ms. */
const SUSPICION = 3000;

/** The shortest time in the queue of a saturated link of 64 kB at 2 Mbit/s, in ms. */
const QUEUED = 100;

let backend: Backend;
let browser: Browser;
let session: Session;

beforeAll(async () => {
  [backend, browser] = await Promise.all([startBackend('127.0.0.1'), launchChromium()]);
}, 60_000);

afterAll(async () => {
  await endBrowser(browser);
  stopBackend(backend);
});

afterEach(() => session.close());

it.each(['balanced', 'fast'] as const)(
  'a bulk download in Chromium leaves nine of ten pings answered and makes nobody dead (%s)',
  async preset => {
    session = await Session.open(browser, backend, { serverSide: { preset } });

    const { page, application, recv } = session;

    await page.evaluate(() => window.app.useData());
    await session.untilAlive();
    await session.untilAnswers(3);

    const answered: number[] = [];
    const changes: StateChange[] = [];
    const known = await page.evaluate(() => window.app.verdicts.length);

    recv.on('sample', ({ seq }) => answered.push(seq));
    recv.on('statechange', change => changes.push(change));
    application.impair({ rate: 2_000_000, queue: 65_536, delay: 20 });

    const transfer = download(application.dataConsumer);

    await until(recv, 'sample', () => transfer.sent >= WARM);

    const first = recv.stats.sent;

    await until(recv, 'sample', () => recv.stats.sent >= first + PINGS);

    const last = recv.stats.sent;

    // What is under way has to arrive, too.
    await until(recv, 'sample', () => recv.stats.sent >= last + 3);

    const share = answered.filter(seq => seq >= first && seq < last).length / (last - first);

    await transfer.stop();
    expect(share, JSON.stringify(changes)).toBeGreaterThanOrEqual(0.9);
    expect(recv.stats.rtt.smoothed).toBeGreaterThan(QUEUED);
    expect(changes.filter(({ state }) => state === 'dead')).toEqual([]);

    for (const [index, { at, state }] of changes.entries()) {
      expect(
        state === 'suspect' ? (changes[index + 1]?.at ?? Number.POSITIVE_INFINITY) - at : 0,
      ).toBeLessThan(SUSPICION);
    }

    const verdicts = await page.evaluate(() => window.app.verdicts);

    expect(verdicts.slice(known).filter(verdict => verdict.startsWith('recv dead'))).toEqual([]);
    expect(verdicts.at(-1)).toContain('alive');
  },
  60_000,
);

/** Sends as fast as it can. */
function download(dataConsumer: Session['application']['dataConsumer']) {
  const message = Buffer.alloc(MESSAGE, 1);
  const transfer = { sent: 0, stop };
  let filling: Promise<void> | undefined;

  const fill = async () => {
    for (
      let left = BUFFERED - ((await dataConsumer?.getBufferedAmount()) ?? BUFFERED);
      left >= MESSAGE;
      left -= MESSAGE
    ) {
      await dataConsumer?.send(message);
      transfer.sent += MESSAGE;
    }

    filling = undefined;
  };
  const timer = setInterval(() => {
    filling ??= fill();
  }, LOOK_EVERY);

  async function stop(): Promise<void> {
    clearInterval(timer);
    await filling;
  }

  return transfer;
}
