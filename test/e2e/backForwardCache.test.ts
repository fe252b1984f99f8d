import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingLeft } from '../chaos/leftovers.ts';
import { untilState } from '../harness/events.ts';
import { launchChromium } from './fixture/chromium.ts';
import { endBrowser } from './fixture/processes.ts';
import { type Backend, Session, startBackend, stopBackend } from './fixture/Session.ts';

// A browser may keep a page that the user leaves, and restore it when the user comes back. Chromium does not keep one that
// has an open RTCPeerConnection (its reason is `rtc`). So it never restores a heartbeat that is alive, but loads the page
// anew; it does restore a page whose transports were closed before.

let backend: Backend;
let browser: Browser;
let session: Session;

beforeAll(async () => {
  [backend, browser] = await Promise.all([
    startBackend('127.0.0.1'),
    launchChromium({ backForwardCache: true }),
  ]);
}, 60_000);

afterAll(async () => {
  await endBrowser(browser);
  stopBackend(backend);
});

afterEach(async () => {
  await session?.close();
  await expectNothingLeft(backend.router);
});

async function open(): Promise<void> {
  session = await Session.open(browser, backend);
  await session.untilAlive();
  await session.page.evaluate(() => {
    document.title = 'the same page';
    addEventListener('pageshow', ({ persisted }) => {
      document.title += persisted ? ', restored' : '';
    });
  });
}

/** Leaves the page for another, and comes back. Returns its title: empty where it was loaded anew. */
async function leaveAndReturn(): Promise<string> {
  await session.page.goto(`${backend.pages.url}another`);
  await untilState(session.send, 'dead');
  expect(session.send.reason).toBe('goodbye');
  await session.page.goBack();

  return session.page.title();
}

describe('after the user left it and came back', () => {
  it('a page says goodbye, is loaded anew if its transports were open, and is alive', async () => {
    await open();
    expect(await leaveAndReturn()).toBe('');

    const reasons = await session.page.evaluate(() =>
      JSON.stringify(
        (performance.getEntriesByType('navigation')[0] as unknown as { notRestoredReasons: unknown })
          .notRestoredReasons,
      ),
    );

    expect(reasons).toContain('"rtc"');
    await session.page.evaluate(() => window.app.start({ heartbeat: true }));
    await session.untilAlive();
  });

  it('a page that closed its transports is restored, and new transports of its device are alive', async context => {
    await open();
    await session.page.evaluate(() => window.app.close());
    await untilState(session.send, 'dead');

    if ((await leaveAndReturn()) === '' && (await browser.version()).startsWith('HeadlessChrome')) {
      const why = 'Chromium’s headless shell has no back/forward cache: name a full Chromium in CHROMIUM_BIN';

      console.log(`skipped: ${why}`);
      context.skip(why);
    }

    expect(await session.page.title()).toBe('the same page, restored');
    await session.page.evaluate(() => window.app.createTransports());
    await session.untilAlive();
    expect(await leaveAndReturn()).toBe('');
  });
});
