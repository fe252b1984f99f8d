import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { provisionBrowser } from '../../../scripts/provision-browser.ts';
import { MeetingServer } from '../server/MeetingServer.ts';
import { drawnCamera } from './drawnCamera.ts';

/** The clients in Node. The first sends nothing. */
const CAST = ['Ada (listens)', 'Ben', 'Cleo'];

/** The demo with its cast, and a browser to film it. */
export class Stage {
  readonly browser: Browser;
  readonly #server: MeetingServer;

  private constructor(server: MeetingServer, browser: Browser) {
    this.#server = server;
    this.browser = browser;
  }

  static async open(): Promise<Stage> {
    const found = await provisionBrowser({ log: () => {} });
    const [server, browser] = await Promise.all([MeetingServer.start(0), chromium.launch(found)]);

    for (const [index, name] of CAST.entries()) {
      server.nodePeers.start(name, { media: index > 0 });
    }

    return new Stage(server, browser);
  }

  /** Opens the page, and waits until everybody is alive. With a name it joins, with a drawn camera. */
  async page(options: BrowserContextOptions, name?: string): Promise<Page> {
    const context = await this.browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });

    await context.addInitScript(drawnCamera);

    const page = await context.newPage();

    await page.goto(name === undefined ? this.#server.url : `${this.#server.url}/?join=${name}&media=1`);

    for (const member of name === undefined ? CAST : [...CAST, name]) {
      await this.tile(page, member, 'alive').waitFor();
    }

    return page;
  }

  tile(page: Page, name: string, state: string) {
    return page.locator(`.tile[data-peer="${name}"][data-send=${state}][data-recv=${state}]`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.#server.close();
  }
}
