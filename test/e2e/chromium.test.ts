import type { types } from 'mediasoup';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { startRouter } from '../harness/server.ts';
import { Application } from './fixture/Application.ts';
import { launchChromium } from './fixture/chromium.ts';
import { PageServer } from './fixture/PageServer.ts';

let worker: types.Worker;
let router: types.Router;
let server: PageServer;
let browser: Browser;
const opened: { page: Page; application: Application }[] = [];

beforeAll(async () => {
  [{ worker, router }, server, browser] = await Promise.all([
    startRouter(),
    PageServer.start(),
    launchChromium(),
  ]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
  worker?.close();
});

afterEach(async () => {
  for (const { page, application } of opened.splice(0)) {
    await page.close().catch(() => {});
    application.close();
  }
});

/** A page that runs the application, with either half or both. */
async function openApplication({
  clientHalf = true,
  serverHalf = true,
  relay = true,
  on = browser,
}: {
  clientHalf?: boolean;
  serverHalf?: boolean;
  relay?: boolean;
  on?: Browser;
} = {}) {
  const page = await on.newPage();
  const application = new Application(router, { heartbeat: serverHalf, relay });
  const violations: string[] = [];

  opened.push({ page, application });
  page.on('console', message => message.type() === 'error' && violations.push(message.text()));
  page.on('pageerror', error => violations.push(String(error)));
  await application.serve(page);
  await page.goto(server.url);
  await page.evaluate(heartbeat => window.app.start({ heartbeat }), clientHalf);

  return { page, application, violations };
}

/** Waits until both transports are alive on both sides. */
async function untilAlive(page: Page, application: Application): Promise<void> {
  await untilState(application.heartbeat('send'), 'alive');
  await untilState(application.heartbeat('recv'), 'alive');
  await page.waitForFunction(() => {
    const { send, recv } = window.app.states;

    return send?.state === 'alive' && recv?.state === 'alive';
  });
}

describe('an application', () => {
  it('that leaves its transports idle is alive on both sides, under a strict Content-Security-Policy', async () => {
    const { page, application, violations } = await openApplication();

    await untilAlive(page, application);
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => window.app.heartbeats?.state)).toBe('alive');
  });

  it('with data channels of its own notices nothing of the heartbeat beside them', async () => {
    const without = await openApplication({ clientHalf: false, serverHalf: false });
    const withBoth = await openApplication();

    for (const { page } of [without, withBoth]) {
      await page.evaluate(async () => {
        await window.app.useData();
        await window.app.echo('through the server and back');
      });
    }

    await untilAlive(withBoth.page, withBoth.application);

    const [seenWithout = [], seenWith = []] = await Promise.all(
      [without, withBoth].map(({ page }) => page.evaluate(() => window.app.seen)),
    );

    // In its order on each transport. When a connection is up is for the network to say.
    for (const events of [
      /^send: .*(connect$|data)/,
      /^recv: .*(connect$|data)/,
      /^send: connect(ing|ed)$/,
      /^recv: connect(ing|ed)$/,
    ]) {
      expect(seenWith.filter(event => events.test(event))).toEqual(
        seenWithout.filter(event => events.test(event)),
      );
    }

    expect(seenWith).toContain('send: producedata chat');
    await withBoth.page.evaluate(() => window.app.echo('and again'));
    expect(withBoth.violations).toEqual([]);
  });

  it('with the client half alone works as without it, and the half says why it is idle', async () => {
    const { page, violations } = await openApplication({ serverHalf: false });

    await page.evaluate(async () => {
      await window.app.useData();
      await window.app.echo('hello');
    });
    expect(await page.evaluate(() => window.app.states)).toEqual({
      send: { state: 'pending', reason: 'no-server-half' },
      recv: { state: 'pending', reason: 'no-server-half' },
    });
    expect(violations).toEqual([]);
  });

  it('with the server half alone likewise', async () => {
    const { page, application } = await openApplication({ clientHalf: false });

    await page.evaluate(async () => {
      await window.app.useData();
      await window.app.echo('hello');
    });
    expect(application.heartbeat('send')).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    expect(application.heartbeat('recv')).toMatchObject({ state: 'pending', reason: 'no-client-half' });
  });
});

describe('the end of a page', () => {
  it.each<[string, (page: Page) => Promise<unknown>]>([
    ['closed tab', page => page.close()],
    ['navigation', page => page.goto('about:blank')],
    ['reload', page => page.reload()],
  ])('%s is a goodbye', async (_, end) => {
    const { page, application } = await openApplication();

    await untilAlive(page, application);
    await end(page);
    await untilState(application.heartbeat('send'), 'dead');
    await untilState(application.heartbeat('recv'), 'dead');
    expect(application.heartbeat('send').reason).toBe('goodbye');
    expect(application.heartbeat('recv').reason).toBe('goodbye');
  });

  it('a killed browser is missed by its pongs', async () => {
    const doomed = await launchChromium();
    const { page, application } = await openApplication({ on: doomed });

    await untilAlive(page, application);

    const session = await doomed.newBrowserCDPSession();

    await session.send('Browser.crash').catch(() => {});
    await untilState(application.heartbeat('send'), 'dead');
    expect(application.heartbeat('send').reason).toBe('missed-pings');
    await doomed.close();
  }, 30_000);
});

describe('a path', () => {
  it('that is cut makes both halves suspect, then dead, and alive again when it is mended', async () => {
    const { page, application } = await openApplication();

    await untilAlive(page, application);
    application.blackout(true);
    await untilState(application.heartbeat('recv'), 'dead');
    await page.waitForFunction(() => window.app.states.recv?.state === 'dead');
    expect(application.heartbeat('recv').reason).toBe('missed-pings');
    expect(await page.evaluate(() => window.app.states.recv?.reason)).toBe('missed-pings');
    application.blackout(false);
    await untilAlive(page, application);
    expect(application.heartbeat('recv').reason).toBe('recovered');
  }, 60_000);
});

describe('a server that hangs', () => {
  it('is told from a lost path, as its worker still answers, and is not called dead', async () => {
    // Not through a relay, which would hang with this process.
    const { page, application } = await openApplication({ relay: false });

    await untilAlive(page, application);
    await page.evaluate(() => {
      window.app.heartbeats?.on('statechange', ({ state, reason }) =>
        window.app.seen.push(`${state}: ${reason}`),
      );
    });

    // This process is the server. Nothing of it runs for 9 s, but the worker does.
    const end = performance.now() + 9000;

    while (performance.now() < end);

    await page.waitForFunction(() => window.app.heartbeats?.state === 'alive');

    const seen = await page.evaluate(() => window.app.seen);

    expect(seen).toContain('suspect: server-unresponsive');
    expect(seen.filter(event => event.startsWith('dead'))).toEqual([]);
    // The server itself knows that it stood still, and blames nobody.
    expect(application.heartbeat('send')).toMatchObject({ state: 'alive', reason: 'first-pong' });
    expect(application.heartbeat('recv')).toMatchObject({ state: 'alive', reason: 'first-pong' });
  }, 60_000);
});

describe('a page that hangs', () => {
  it('is told from a lost peer, and not called dead', async () => {
    const { page, application } = await openApplication();
    const heartbeat = application.heartbeat('send');
    const reasons: string[] = [];

    await untilAlive(page, application);
    heartbeat.on('statechange', ({ state, reason }) => reasons.push(`${state}: ${reason}`));
    await page.evaluate(() => window.app.block(10_000));
    await untilState(heartbeat, 'alive');
    expect(reasons).toContain('suspect: page-unresponsive');
    expect(reasons.filter(reason => reason.startsWith('dead'))).toEqual([]);
    expect(await page.evaluate(() => window.app.heartbeats?.state)).toBe('alive');
  }, 60_000);

  it('because it is frozen says so before, and is alive when it thaws', async () => {
    const { page, application } = await openApplication();
    const heartbeat = application.heartbeat('recv');
    const reasons: string[] = [];

    await untilAlive(page, application);
    heartbeat.on('statechange', ({ state, reason }) => reasons.push(`${state}: ${reason}`));
    // A browser under automation keeps its pages visible, and visible pages cannot be frozen: what is seen of
    // a freeze from outside is its event, and that nothing runs until the other.
    await page.evaluate(() => {
      document.dispatchEvent(new Event('freeze'));
      window.app.block(8000);
      document.dispatchEvent(new Event('resume'));
    });
    await until(heartbeat, 'statechange', () => reasons.includes('alive: recovered'));
    expect(reasons).toEqual(['suspect: page-frozen', 'alive: recovered']);
  }, 60_000);
});
