/**
 * Drives a browser, in a network of its own. It does what its parent says, and ends with it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, launch, type Page } from 'puppeteer-core';
import type { BrowserKind } from '../browsers.ts';
import type { Setup } from '../page/messages.ts';

export type Orders = {
  launch: [BrowserKind, string];
  open: [];
  start: [Setup];
  log: [number];
  signal: [NodeJS.Signals];
};

let browser: Browser;
let page: Page | undefined;
let url = '';

const orders: { [M in keyof Orders]: (...args: Orders[M]) => Promise<unknown> } = {
  launch: async ({ engine, path, args }, script) => {
    url = await servePage(script);
    browser = await (engine === 'firefox' ? launchFirefox(path) : launchChromium(path, args));

    if (engine === 'chromium') {
      await browser
        .defaultBrowserContext()
        .overridePermissions(new URL(url).origin, ['microphone', 'camera']);
    }

    return browser.version();
  },
  open: async () => {
    await page?.close().catch(() => {});
    page = await browser.newPage();
    page.on('pageerror', error => process.stderr.write(`page: ${(error as Error).stack}\n`));
    await page.goto(url);
  },
  start: async setup => page?.evaluate(given => window.bench.start(given), setup),
  log: async since => page?.evaluate(from => window.bench.log(from), since),
  // The processes of a browser are a group of their own.
  signal: async signal => process.kill(-(browser.process()?.pid as number), signal),
};

process.on('message', async ({ id, order, args }: { id: number; order: keyof Orders; args: never }) => {
  try {
    const take = orders[order] as (...args: never[]) => Promise<unknown>;

    process.send?.({ id, result: await take(...(args as never[])) });
  } catch (error) {
    process.send?.({ id, error: (error as Error).message });
  }
});

process.on('disconnect', () => {
  try {
    process.kill(-(browser?.process()?.pid as number), 'SIGKILL');
  } catch {
    // It has not been started.
  }

  process.exit();
});

/** On loopback a page may use the microphone without TLS. */
async function servePage(script: string): Promise<string> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';

    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><body><script src="/page.js"></script>');
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function launchChromium(executablePath: string, args: string[]): Promise<Browser> {
  return launch({
    executablePath,
    pipe: true,
    args: [
      ...args,
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

async function launchFirefox(executablePath: string): Promise<Browser> {
  return launch({
    browser: 'firefox',
    executablePath,
    timeout: 60_000,
    extraPrefsFirefox: {
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'network.process.enabled': false,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
    },
  });
}

process.send?.({ id: -1 });
