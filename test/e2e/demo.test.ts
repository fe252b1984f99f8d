import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MeetingServer } from '../../examples/meeting/server/MeetingServer.ts';
import { provisionBrowser } from '../../scripts/provision-browser.ts';

let server: MeetingServer;
let browser: Browser;

beforeAll(async () => {
  const found = await provisionBrowser({ log: () => {} });

  [server, browser] = await Promise.all([MeetingServer.start(0), chromium.launch(found)]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Waits until the page shows both transports of a client in a state, as one side sees them. */
async function untilShown(page: Page, side: 'server' | 'client', peer: string, state: string): Promise<void> {
  for (const direction of ['send', 'recv']) {
    await page
      .locator(`[data-side=${side}][data-peer=${peer}][data-transport=${direction}][data-state=${state}]`)
      .waitFor();
  }
}

it('the demo shows each client as server and client see it, a cut path on both sides, and a goodbye', async () => {
  // Not `browser.newPage()`: such a page owns its context, and closing it kills the page before its `pagehide`.
  const context = await browser.newContext();
  const [watcher, vera] = [await context.newPage(), await context.newPage()];
  const errors: string[] = [];

  for (const page of [watcher, vera]) {
    page.on('pageerror', error => errors.push(String(error)));
    page.on('console', message => message.type() === 'error' && errors.push(message.text()));
  }

  await watcher.goto(server.url);
  await watcher.locator('.empty').waitFor();
  await vera.goto(`${server.url}/?join=Vera`);
  await untilShown(vera, 'client', 'Vera', 'alive');
  await untilShown(watcher, 'server', 'Vera', 'alive');

  // The chaos panel works through the relay: a cut of 3 s is seen on both sides, and recovered from.
  await watcher.getByText('Chaos').click();
  await watcher.locator('[data-action=blackout][data-seconds="3"][data-peer=Vera]').click();
  await untilShown(watcher, 'server', 'Vera', 'suspect');
  await untilShown(vera, 'client', 'Vera', 'suspect');
  await untilShown(watcher, 'server', 'Vera', 'alive');
  await untilShown(vera, 'client', 'Vera', 'alive');
  await watcher.locator('#changes').getByText('suspect').first().waitFor();

  await vera.close();
  await untilShown(watcher, 'server', 'Vera', 'dead');
  await watcher.locator('[data-side=server][data-reason=goodbye]').first().waitFor();
  expect(errors).toEqual([]);
  await context.close();
}, 60_000);

it('the demo lets a client join with a camera, and the others see it', async () => {
  const context = await browser.newContext();
  const [sender, receiver] = [await context.newPage(), await context.newPage()];

  // A canvas is a camera that every machine has.
  await sender.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement('canvas');

      setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, Math.random() * 100, 100), 40);

      return canvas.captureStream(25);
    };
  });
  await receiver.goto(`${server.url}/?join=Rosa`);
  await untilShown(receiver, 'client', 'Rosa', 'alive');
  await sender.goto(`${server.url}/?join=Sam&media=1`);
  await untilShown(sender, 'client', 'Sam', 'alive');
  await receiver.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
  await context.close();
}, 60_000);
