import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './fixture/chromium.ts';
import { endBrowser } from './fixture/processes.ts';
import { type Backend, Session, startBackend, stopBackend } from './fixture/Session.ts';

let backend: Backend;
let browser: Browser;

beforeAll(async () => {
  [backend, browser] = await Promise.all([startBackend('127.0.0.1'), launchChromium()]);
}, 60_000);

afterAll(async () => {
  await endBrowser(browser);
  stopBackend(backend);
});

/** A browser whose pages have this in `localStorage.debug`, and what those write to the console. */
function logging(namespaces: string): { lines: string[]; on: Browser } {
  const lines: string[] = [];
  const newPage = async () => {
    const page = await browser.newPage();

    page.on('console', message => lines.push(`${message.type()} ${message.text()}`));
    await page.evaluateOnNewDocument(value => localStorage.setItem('debug', value), namespaces);

    return page;
  };

  return { lines, on: { newPage } as Browser };
}

it('a page in Chromium writes the logs that localStorage.debug names to its console', async () => {
  const { lines, on } = logging('mediasoup-heartbeat*');
  const session = await Session.open(on, backend, { relay: false });

  await session.untilAlive();
  await session.page.evaluate(() => window.app.until('alive'));

  const text = lines.join('\n');

  expect(text).toMatch(/^info .*mediasoup-heartbeat:client:negotiation.* descriptor read: /m);
  expect(text).toMatch(/^info .*mediasoup-heartbeat:client:negotiation.* channel open/m);
  expect(text).toMatch(
    // As the page wrote it: the console puts the values in.
    /^info .*mediasoup-heartbeat:client:state.*"suspicion":0.* pending alive first-ping 0 /m,
  );
  await session.close();
});

it('a page in Chromium whose logs are off warns once if the server offers no heartbeat, and writes nothing else', async () => {
  const { lines, on } = logging('');
  const session = await Session.open(on, backend, { serverSide: false, relay: false });

  await session.page.evaluate(() => window.app.useData());
  expect(lines).toEqual([
    expect.stringMatching(/^warn mediasoup-heartbeat: enableHeartbeat\(\): transport /),
  ]);
  await session.close();
});
