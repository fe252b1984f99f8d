import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Stage } from './Stage.ts';

const LOOKS = [
  { name: 'desktop-light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' as const },
  { name: 'desktop-dark', viewport: { width: 1280, height: 900 }, colorScheme: 'dark' as const },
  { name: 'phone-light', viewport: { width: 390, height: 844 }, colorScheme: 'light' as const },
  { name: 'phone-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const },
];

/** Takes a picture of each state of the page, in both sizes and colour schemes. Returns how many. */
export async function takeScreenshots(folder: string): Promise<number> {
  let taken = 0;

  await mkdir(folder, { recursive: true });

  for (const { name, ...look } of LOOKS) {
    const stage = await Stage.open();
    const visitor = await stage.page(look);
    const take = async (state: string, page: Page) => {
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: join(folder, `${state}-${name}.png`), fullPage: true });
      taken++;
    };

    await take('visitor', visitor);
    await visitor.context().close();
    await takeStates(await stage.page(look, 'You'), take);
    await stage.close();
  }

  return taken;
}

async function takeStates(page: Page, take: (state: string, page: Page) => Promise<void>): Promise<void> {
  const step = (name: string) => page.locator(`[data-step=${name}]`).click();

  await take('alive', page);

  await step('mute');
  await page.getByText('Wrong: is only muted').waitFor();
  await take('muted', page);

  await step('cut');
  await page.locator('.tile[data-state=suspect]').first().waitFor();
  await take('suspect', page);
  await page.getByText('Right: was away, is back').waitFor();
  await take('recovered', page);

  await step('walk');
  await page.locator('#about').getByText('gap').waitFor();
  await take('walked-out', page);

  await step('leave');
  await page.getByText('Right: is gone').first().waitFor();
  await take('dead', page);

  const own = page.locator('.timeline[data-peer=You]');

  await own.evaluate((timeline: HTMLDetailsElement) => {
    for (const details of [timeline, ...timeline.querySelectorAll('details')]) {
      details.open = true;
    }
  });
  await own.getByRole('button', { name: 'Cut 10 s' }).click();
  await page.getByText('Connection lost. Reconnecting…').waitFor();
  await take('connection-lost', page);
}
