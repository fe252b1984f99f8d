import type { Browser } from 'puppeteer-core';
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../e2e/fixture/chromium.ts';
import { endBrowser } from '../e2e/fixture/processes.ts';
import {
  type Backend,
  Session,
  type SessionOptions,
  startBackend,
  stopBackend,
} from '../e2e/fixture/Session.ts';
import type {} from './page.tsx';
import { Room } from './Room.tsx';

let backend: Backend;
let browser: Browser;
let session: Session;

beforeAll(async () => {
  [backend, browser] = await Promise.all([
    startBackend('127.0.0.1', new URL('page.tsx', import.meta.url)),
    launchChromium(),
  ]);
}, 60_000);

afterAll(async () => {
  await endBrowser(browser);
  stopBackend(backend);
});

afterEach(() => session.close());

async function open(options?: SessionOptions): Promise<Session['page']> {
  session = await Session.open(browser, backend, options);
  await session.untilAlive();

  return session.page;
}

/** Renders that showed the same as the one before. */
const needless = (shown: readonly string[] = []) => shown.filter((text, index) => text === shown[index - 1]);

it('a component shows suspect and dead when the network is cut, and alive when it comes back, with a render for each', async () => {
  const page = await open();

  await page.evaluate(() => window.ui.show());
  await page.evaluate(() => window.ui.until('state', 'alive'));
  session.application.blackout(true);
  await page.evaluate(() => window.ui.until('state', 'suspect'));
  await page.evaluate(() => window.ui.until('state', 'dead'));
  session.application.blackout(false);
  await page.evaluate(() => window.ui.until('state', 'alive'));

  const { state = [], room } = await page.evaluate(() => window.ui.renders);

  expect(state.join(' ')).toContain('alive suspect dead alive');
  expect(needless(state)).toEqual([]);
  // The hooks of a component do not render its parent.
  expect(room).toHaveLength(1);
  expect(session.complaints).toEqual([]);
}, 60_000);

it('a component shows a worse quality and its cause on a slow path, and the better one when it is fast again', async () => {
  // Many pings, so that the figures follow soon.
  const page = await open({ serverSide: { interval: 200 } });

  await page.evaluate(() => window.ui.show());
  await page.evaluate(() => window.ui.until('quality', '^excellent'));
  session.application.impair({ delay: 400 });
  await page.evaluate(() => window.ui.until('quality', '^(good|poor) delay'));
  session.application.impair({ delay: 0 });
  await page.evaluate(() => window.ui.until('quality', '^excellent'));
  session.application.blackout(true);
  await page.evaluate(() => window.ui.until('quality', 'silence'));
  session.application.blackout(false);
}, 90_000);

it('a component that shows a part of the figures renders only when that part changes', async () => {
  const page = await open();

  await page.evaluate(() => window.ui.show());
  await page.evaluate(() => window.ui.untilRendered('figures', 5));

  const { figures, known = [] } = await page.evaluate(() => window.ui.renders);

  expect(needless(figures)).toEqual([]);
  expect(known.at(-1)).toBe('known');
  expect(needless(known)).toEqual([]);
});

it('a component has everything pending until there is a heartbeat, and again without it', async () => {
  const page = await open();
  const shown = () => page.evaluate(() => [...document.querySelectorAll('p')].map(p => p.textContent));
  const nothing = ['pending', 'unknown none unknown', '', 'undefined', 'undefined'];

  const before = await page.evaluate(() => window.ui.listeners());
  await page.evaluate(() => window.ui.show('undefined'));
  await page.evaluate(() => window.ui.until('state', 'pending'));
  expect(await shown()).toEqual(nothing);

  await page.evaluate(() => window.ui.show());
  await page.evaluate(() => window.ui.until('state', 'alive'));
  await page.evaluate(() => window.ui.until('transports', 'send recv'));
  await page.evaluate(() => window.ui.until('known', '^known'));

  await page.evaluate(() => window.ui.show('null'));
  await page.evaluate(() => window.ui.until('state', 'pending'));
  await page.evaluate(() => window.ui.until('known', '^undefined'));
  expect(await shown()).toEqual(nothing);
  expect(await page.evaluate(() => window.ui.listeners())).toEqual(before);
});

it('components follow the heartbeat that replaces another one, and leave no listener on the former', async () => {
  const page = await open();
  const before = await page.evaluate(() => window.ui.listeners());

  await page.evaluate(() => window.ui.show());
  await page.evaluate(() => window.ui.until('state', 'alive'));

  const former = await page.evaluateHandle(() => window.app);

  await page.evaluate(() => window.another().start({ heartbeat: true }));
  await page.evaluate(() => window.ui.show());
  await session.untilAlive();
  await page.evaluate(() => window.ui.until('state', 'alive'));
  expect(await former.evaluate(({ heartbeats }) => window.ui.listeners(heartbeats))).toEqual(before);

  // The former one's end is not shown.
  await former.evaluate(app => app.heartbeats?.close());
  expect(await page.evaluate(() => document.getElementById('state')?.textContent)).toBe('alive');
  await page.evaluate(() => window.app.heartbeats?.close());
  await page.evaluate(() => window.ui.until('state', 'closed'));
});

it('a component lists the transports that are created and closed after it', async () => {
  const page = await open();

  await page.evaluate(() => window.ui.show());
  await page.evaluate(() => window.ui.until('transports', '^send recv$'));
  await page.evaluate(() => window.app.createTransports());
  await page.evaluate(() => window.ui.until('transports', '^send recv send recv$'));
  await page.evaluate(() => window.app.close());
  await page.evaluate(() => window.ui.until('transports', '^send recv$'));
  await page.evaluate(() => window.app.heartbeats?.close());
  await page.evaluate(() => window.ui.until('transports', '^$'));
  await page.evaluate(() => window.ui.until('quality', '^unknown none unknown$'));
  expect(needless((await page.evaluate(() => window.ui.renders)).transports)).toEqual([]);
});

it('unmounted components leave no listener, also when StrictMode has run their effects twice', async () => {
  const page = await open();
  const before = await page.evaluate(() => window.ui.listeners());

  for (const strict of [false, true]) {
    await page.evaluate(value => {
      window.ui.strict = value;
      window.ui.show();
    }, strict);
    await page.evaluate(() => window.ui.until('known', '^known'));

    const { device = 0, newtransport = 0, statechange = 0, stats = 0, close = 0 } = before;

    // All components that show the same share their listeners.
    expect(await page.evaluate(() => window.ui.listeners())).toEqual({
      device: device + 1,
      // The list of transports, and the quality.
      newtransport: newtransport + 2,
      statechange: statechange + 1,
      stats: stats + 2,
      close: close + 3,
    });
    await page.evaluate(() => window.ui.unmount());
    expect(await page.evaluate(() => window.ui.listeners())).toEqual(before);
  }

  expect(session.complaints).toEqual([]);
});

it('a page that a server has rendered is taken over without a complaint, and then shows the heartbeat', async () => {
  const page = await open();
  const html = renderToString(createElement(StrictMode, null, createElement(Room)));

  expect(html).toContain('pending');
  await page.evaluate(content => {
    window.ui.strict = true;
    window.ui.hydrate(content);
  }, html);
  await page.evaluate(() => window.ui.until('state', 'alive'));
  await page.evaluate(() => window.ui.until('known', '^known'));
  expect(session.complaints).toEqual([]);
});
