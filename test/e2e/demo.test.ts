import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MeetingServer } from '../../examples/meeting/server/MeetingServer.ts';
import { provisionBrowser } from '../../scripts/provision-browser.ts';
import { allowLog } from '../harness/mediasoupLog.ts';

let server: MeetingServer;
let browser: Browser;

allowLog(/not found \[method:consumer\.getStats\]/, 'a video ends while its breaker reads it');

beforeAll(async () => {
  const found = await provisionBrowser({ log: () => {} });

  [server, browser] = await Promise.all([MeetingServer.start(0), chromium.launch(found)]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** A tile whose both transports are in a state, as the server sees them. */
const tile = (page: Page, peer: string, state: string) =>
  page.locator(`.tile[data-peer=${peer}][data-send=${state}][data-recv=${state}]`);

/** The own badge, if both transports are in a state as the client sees the server. */
const own = (page: Page, state: string) => page.locator(`#own[data-send=${state}][data-recv=${state}]`);

/** Opens what disturbs a client, and presses a button of it. */
async function disturb(page: Page, peer: string, button: string): Promise<void> {
  const panel = page.locator(`.timeline[data-peer=${peer}] .chaos`);

  await panel.evaluate((details: HTMLDetailsElement) => {
    details.open = true;
  });
  await panel.getByRole('button', { name: button, exact: true }).click();
}

/** Lets a page share a canvas instead of a camera, and a silent microphone: every machine has these. */
async function shareCanvas(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement('canvas');
      const { stream } = new AudioContext().createMediaStreamDestination();

      setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, Math.random() * 100, 100), 40);

      return new MediaStream([...canvas.captureStream(25).getTracks(), ...stream.getTracks()]);
    };
  });
}

it('the demo shows a cut path on both sides, the banner of the client, and a goodbye', async () => {
  // Not `browser.newPage()`: such a page owns its context, and closing it kills the page before its `pagehide`.
  const context = await browser.newContext();
  const [watcher, vera] = [await context.newPage(), await context.newPage()];
  const errors: string[] = [];

  for (const page of [watcher, vera]) {
    page.on('pageerror', error => errors.push(String(error)));
    page.on('console', message => message.type() === 'error' && errors.push(message.text()));
  }

  await watcher.goto(server.url);
  await watcher.locator('#empty').waitFor();
  await vera.goto(`${server.url}/?join=Vera`);
  await own(vera, 'alive').waitFor();
  await tile(watcher, 'Vera', 'alive').waitFor();

  await disturb(watcher, 'Vera', 'Cut 30 s');
  await watcher.locator('.tile[data-peer=Vera] .disturbed').getByText('Network cut').waitFor();
  await tile(watcher, 'Vera', 'suspect').waitFor();
  await vera.getByText('Connection lost. Reconnecting…').waitFor();
  await disturb(watcher, 'Vera', 'Restore');
  await tile(watcher, 'Vera', 'alive').waitFor();
  await vera.getByText('Connected again after').waitFor();
  await own(vera, 'alive').waitFor();
  await watcher.locator('#changes').getByText('No answer, and its network is silent').first().waitFor();

  await vera.close();
  await tile(watcher, 'Vera', 'dead').waitFor();
  await watcher.locator('.tile[data-peer=Vera]').getByText('Left and said goodbye').waitFor();

  // A client that returns under its name takes its tile again.
  const again = await context.newPage();

  await again.goto(`${server.url}/?join=Vera`);
  await tile(watcher, 'Vera', 'alive').waitFor();
  expect(await watcher.locator('.tile[data-peer=Vera]').count()).toBe(1);
  expect(errors).toEqual([]);
  await context.close();
}, 60_000);

it('the demo shows a camera to the others, and a muted client stays alive', async () => {
  const context = await browser.newContext();

  await shareCanvas(context);

  const [sender, receiver] = [await context.newPage(), await context.newPage()];

  await receiver.goto(`${server.url}/?join=Rosa`);
  await own(receiver, 'alive').waitFor();
  await sender.goto(server.url);
  await sender.getByLabel('Your name').fill('Sam');
  await sender.getByRole('button', { name: 'Join with camera' }).click();
  await own(sender, 'alive').waitFor();

  const sam = receiver.locator('.tile[data-peer=Sam]');

  await receiver.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('.tile[data-peer=Sam] video')?.videoWidth ?? 0) > 0,
  );
  await sender.getByRole('button', { name: 'Mute', exact: true }).click();
  await sam.getByText('muted', { exact: true }).waitFor();
  await sender.getByRole('button', { name: 'Camera off' }).click();
  await sam.locator('video').waitFor({ state: 'hidden' });
  await sam.locator('.avatar').waitFor();
  await tile(receiver, 'Sam', 'alive').waitFor();
  await sender.getByRole('button', { name: 'Unmute' }).click();
  await sam.getByText('muted', { exact: true }).waitFor({ state: 'hidden' });
  await sender.getByRole('button', { name: 'Leave' }).click();
  await tile(receiver, 'Sam', 'dead').waitFor();
  await context.close();
}, 60_000);

it('the demo says in words that a video is paused on a path that loses a third', async () => {
  const context = await browser.newContext();

  await shareCanvas(context);

  const [sender, receiver] = [await context.newPage(), await context.newPage()];

  await receiver.goto(`${server.url}/?join=Rita`);
  await own(receiver, 'alive').waitFor();
  await sender.goto(`${server.url}/?join=Sten&media=1`);
  await receiver.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('.tile[data-peer=Sten] video')?.videoWidth ?? 0) > 0,
  );

  const received = sender.locator('.tile[data-peer=Rita] .received');
  const rita = server.room.peers.find(({ name }) => name === 'Rita');

  expect(await received.textContent()).toBe('');
  rita?.impair({ uplink: {}, downlink: { loss: 0.35 } });
  await received.getByText('Video paused').waitFor({ timeout: 90_000 });
  await context.close();

  // Not in the grace of a dead client: its video would end in the middle of another test.
  for (const peer of server.room.peers) {
    server.room.leave(peer);
  }
}, 180_000);

it('the tour shows that only the poll of getStats() takes a muted client for a dead one', async () => {
  server.nodePeers.start('Toni', { media: true });

  const context = await browser.newContext();
  const page = await context.newPage();
  const verdict = (judge: string) => page.locator(`[data-judge="${judge}"]`);

  await page.goto(server.url);
  await tile(page, 'Toni', 'alive').waitFor();
  // By keyboard: each step of the tour is a button that takes the focus and keeps it.
  await page.getByRole('button', { name: 'Mute Toni' }).focus();
  await page.keyboard.press('Enter');
  await verdict('getStats() poll').getByText('Wrong: is only muted').waitFor();
  await verdict('mediasoup-heartbeat').getByText('Right: is still there').waitFor();
  await verdict('ICE consent').getByText('Right: is still there').waitFor();

  // It comes back by itself, on another port.
  await page.getByRole('button', { name: 'Walk Toni out of the door' }).click();
  await page
    .locator('#about')
    .getByText(/gap [0-9,]+ ms$/)
    .waitFor();
  await tile(page, 'Toni', 'alive').waitFor();

  await page.getByRole('button', { name: 'Close Toni’s tab' }).click();
  await verdict('mediasoup-heartbeat').getByText('Right: is gone').waitFor();
  await page.getByRole('button', { name: 'Bring Toni back' }).first().click();
  await tile(page, 'Toni', 'alive').waitFor();
  await page.locator('.tile[data-peer=Toni]').waitFor();
  expect(await page.locator('.tile[data-peer=Toni]').count()).toBe(1);
  await context.close();
}, 60_000);

it('the demo joins again by itself after its server was restarted', async () => {
  allowLog(/broken pipe/, 'the first server is closed while its worker still answers the poll of getStats()');

  const first = await MeetingServer.start(0);
  const context = await browser.newContext();
  const page = await context.newPage();

  await page.goto(`${first.url}/?join=Rhea`);
  await own(page, 'alive').waitFor();
  await first.close();
  await page.getByText('The server does not answer. Trying again…').waitFor();

  const second = await MeetingServer.start(Number(new URL(first.url).port));

  await own(page, 'alive').waitFor();
  await tile(page, 'Rhea', 'alive').waitFor();
  await context.close();
  await second.close();
}, 60_000);

it('the demo has no serious accessibility fault, and fits the page, in each state, size and colour scheme', async () => {
  server.nodePeers.start('Axel', { media: true });

  const contexts = await Promise.all(
    [
      { viewport: { width: 1280, height: 900 }, colorScheme: 'light' as const },
      { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' as const },
      { viewport: { width: 390, height: 844 }, colorScheme: 'light' as const },
      { viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const },
    ].map(options => browser.newContext({ ...options, reducedMotion: 'reduce' })),
  );
  const pages = await Promise.all(
    contexts.map(async context => {
      // The page's policy forbids inline scripts. A script of the browser is none.
      await context.addInitScript({ content: axe.source });

      const page = await context.newPage();

      await page.goto(server.url);

      return page;
    }),
  );
  const [first] = pages as [Page];
  const inspect = async (state: string) => {
    for (const page of pages) {
      const where = `${state}, ${JSON.stringify(page.viewportSize())}`;
      const faults = await page.evaluate(async () => {
        const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();

        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      });
      const { width } = page.viewportSize() ?? { width: 0 };

      expect(faults, where).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBe(width);
    }
  };
  const each = (what: (page: Page) => Promise<unknown>) => Promise.all(pages.map(what));

  await each(page => tile(page, 'Axel', 'alive').waitFor());
  await inspect('alive');
  await Promise.all(pages.map((page, index) => page.goto(`${server.url}/?join=Guest${index}`)));
  await each(page => own(page, 'alive').waitFor());
  await disturb(first, 'Axel', 'Cut 30 s');
  await each(page => page.locator('.tile[data-peer=Axel][data-state=suspect]').waitFor());
  await inspect('joined, another is suspect or dead');
  await each(page => page.locator('.tile[data-peer=Axel][data-state=dead]').waitFor());
  await inspect('joined, another is dead');

  for (const [index] of pages.entries()) {
    await disturb(first, `Guest${index}`, 'Cut 30 s');
  }

  await each(page => page.getByText('Connection lost. Reconnecting…').waitFor());
  await inspect('connection lost');
  await Promise.all(contexts.map(context => context.close()));
}, 120_000);
