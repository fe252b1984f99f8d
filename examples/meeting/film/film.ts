import type { Page } from 'playwright-core';
import { Recorder } from './Recorder.ts';
import { Stage } from './Stage.ts';

const DESKTOP = { viewport: { width: 1280, height: 1080 } };

const wait = (seconds: number) => new Promise(resolve => setTimeout(resolve, seconds * 1000));

/** Films the tour: 20 s. Takes a picture while a participant is cut off. */
export async function film(picture: string, video: string): Promise<void> {
  const stage = await Stage.open();
  const page = await stage.page({ ...DESKTOP, colorScheme: 'light' }, 'You');

  // The timelines are empty at first.
  await wait(15);

  const recorder = await Recorder.start(page);

  await wait(1.5);
  await press(page, 'cut');
  await page.locator('.tile[data-state=suspect]').waitFor();
  await wait(0.3);
  await page.screenshot({ path: picture, fullPage: true });
  await page.getByText('Right: was away, is back').waitFor();
  await wait(1);
  await press(page, 'walk');
  await wait(5);
  await press(page, 'mute');
  await wait(6.5);
  await press(page, 'leave');
  await wait(2.5);

  await recorder.finish(video);
  await stage.close();
}

async function press(page: Page, step: string): Promise<void> {
  await page.locator(`[data-step=${step}]`).click();
}
