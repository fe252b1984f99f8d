import type { Browser, CDPSession } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingLeft } from '../chaos/leftovers.ts';
import { until } from '../harness/events.ts';
import { crashChromium, launchChromium } from './fixture/chromium.ts';
import { endBrowser } from './fixture/processes.ts';
import { type Backend, Session, type SessionOptions, startBackend, stopBackend } from './fixture/Session.ts';

// Only Chromium can be told to freeze a page. Playwright is not used here, because its pages are always focused: a
// focused page is visible, and a visible page is never frozen.

let backend: Backend;
let browser: Browser;
let session: Session;
/** The server's state changes of the page's sending transport. */
let verdicts: string[];
let lifecycle: CDPSession;

beforeAll(async () => {
  [backend, browser] = await Promise.all([startBackend('127.0.0.1'), launchChromium()]);
}, 60_000);

afterAll(async () => {
  await endBrowser(browser);
  stopBackend(backend);
});

afterEach(async () => {
  await session?.close();
  await expectNothingLeft(backend.router);
});

async function open(options?: SessionOptions): Promise<void> {
  session = await Session.open(browser, backend, options);
  lifecycle = await session.page.createCDPSession();
  verdicts = [];
  await session.untilAlive();
  session.send.on('statechange', ({ state, reason }) => verdicts.push(`${state}: ${reason}`));
  await session.page.evaluate(() => window.app.tick());
}

async function setLifecycle(state: 'frozen' | 'active'): Promise<void> {
  await lifecycle.send('Page.setWebLifecycleState', { state });
}

/** A counter that stops in a frozen page. The debugger can still read it. */
async function pulse() {
  return session.page.evaluate(() => ({ ticks: window.app.ticks, pings: window.app.pings }));
}

/** Waits until the server has had no answer for this long. It checks once a second. */
async function untilSilentFor(ms: number): Promise<void> {
  await until(session.send, 'stats', () => session.send.stats.silentFor > ms);
}

describe('a frozen page', () => {
  it('a frozen page is suspect with its reason, not dead, and alive when it thaws', async () => {
    await open();
    await setLifecycle('frozen');
    await until(session.send, 'statechange', () => session.send.state === 'suspect');

    const frozen = await pulse();

    // Much longer than a client without the announcement takes to be dead.
    await untilSilentFor(12_000);
    expect(await pulse()).toEqual(frozen);
    expect(verdicts).toEqual(['suspect: page-frozen']);

    await setLifecycle('active');
    await session.untilAlive();
    // Whatever a thaw leads to has happened by then.
    await session.untilAnswers(5);
    expect(verdicts).toEqual(['suspect: page-frozen', 'alive: recovered']);
    expect((await pulse()).ticks).toBeGreaterThan(frozen.ticks);
    expect(await session.page.evaluate(() => window.app.verdicts.toSorted())).toEqual([
      'recv alive: first-ping',
      'send alive: first-ping',
    ]);
  }, 60_000);

  it('a page frozen for longer than the limits is dead, and alive when it thaws', async () => {
    await open({ serverSide: { frozenTimeout: 1000, unresponsiveAfter: 7000 } });
    await setLifecycle('frozen');
    await until(session.send, 'statechange', () => session.send.state === 'dead');
    await setLifecycle('active');
    await session.untilAlive();
    // Whatever a thaw leads to has happened by then.
    await session.untilAnswers(5);
    expect(verdicts).toEqual(['suspect: page-frozen', 'dead: page-frozen', 'alive: recovered']);
    expect(await session.page.evaluate(() => window.app.verdicts.toSorted())).toEqual([
      'recv alive: first-ping',
      'send alive: first-ping',
    ]);
  }, 60_000);

  it('a page that goes away while it is frozen is dead when frozenTimeout is over', async () => {
    await open({ serverSide: { frozenTimeout: 7000 } });
    await setLifecycle('frozen');
    await until(session.send, 'statechange', () => session.send.state === 'suspect');
    await crashChromium(session.page);
    await until(session.send, 'statechange', () => session.send.state === 'dead');
    expect(verdicts).toEqual(['suspect: page-frozen', 'dead: page-frozen']);
  }, 60_000);
});
