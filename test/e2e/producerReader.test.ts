import type { SenderReading } from '@mediasoup-heartbeat/protocol/breaker';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleForPage } from '../../packages/client/scripts/pageBundle.ts';
import { launchChromium } from './fixture/chromium.ts';
import { endBrowser } from './fixture/processes.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 60_000);

afterAll(() => endBrowser(browser));

/** Runs in the page: a video to another connection of the same page. `done` is called with each reading until it returns true. */
const SCRIPT = `
  import { ProducerReader } from './client/src/ProducerReader.ts';

  globalThis.readings = async isEnough => {
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');

    setInterval(() => context.fillRect(Math.random() * 300, Math.random() * 150, 20, 20), 40);
    near.onicecandidate = ({ candidate }) => far.addIceCandidate(candidate);
    far.onicecandidate = ({ candidate }) => near.addIceCandidate(candidate);

    const sender = near.addTrack(canvas.captureStream(25).getVideoTracks()[0]);

    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription);
    await far.setLocalDescription();
    await near.setRemoteDescription(far.localDescription);

    const reader = new ProducerReader(sender);
    const all = [];

    while (!isEnough(all)) {
      await new Promise(resolve => setTimeout(resolve, 200));
      all.push((await reader.read(performance.now())) ?? null);
    }

    return all;
  };
`;

it('Chromium tells what the breaker of a Producer needs: packets, bytes, losses, the round trip, and when each report came', async () => {
  const page = await browser.newPage();
  const { code } = await bundleForPage(SCRIPT);

  await page.addScriptTag({ content: code, type: 'module' });

  const readings = (await page.evaluate(
    `readings(all => new Set(all.map(reading => reading?.reportedAt)).size >= 4 && all.at(-1).rtt > 0)`,
  )) as (SenderReading | null)[];
  const last = readings.at(-1) as SenderReading;
  const reports = new Set(readings.map(reading => reading?.reportedAt ?? 0));

  expect(last).toMatchObject({
    packets: expect.any(Number),
    bytes: expect.any(Number),
    lost: expect.any(Number),
  });
  expect(last.packets).toBeGreaterThan(0);
  expect(last.bytes).toBeGreaterThan(12 * last.packets);
  expect(last.rtt).toBeGreaterThan(0);
  // Fewer reports than readings: each has a time of its own.
  expect(reports.size).toBeLessThan(readings.length);
  await page.close();
}, 60_000);
